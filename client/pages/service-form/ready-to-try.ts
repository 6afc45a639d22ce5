/** What has to be right before a trial run is asked for. */
import type { UseFormReturnType } from "@mantine/form";
import type { ServiceValues } from "./values.ts";

/** To validate, the form need not be finished: what a service is called is none of its session's. What else is wrong is shown. */
export function isReadyToTry(form: UseFormReturnType<ServiceValues>, goToFirst: (errors: object) => void): boolean {
  const { name: _unneeded, ...errors } = form.validate().errors;
  form.setErrors(errors);
  if (Object.keys(errors).length === 0) return true;
  goToFirst(errors);
  return false;
}
