/**
 * What was typed and not sent: kept for this tab, so that a closed dialog, a reload or an error loses nothing. Only secret values are not
 * kept: whoever opens the tab's storage must not find them.
 */
import { untouched, type ServiceValues } from "../service-form/values.ts";

const key = "serai-start-draft";

export function readDraft(): ServiceValues {
  try {
    return { ...untouched, ...(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<ServiceValues>) };
  } catch {
    return untouched;
  }
}

/** A folder may be called what no service may. */
export const serviceNameFor = (folderName: string): string =>
  folderName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");

export function keepDraft(values: ServiceValues): void {
  const variables = values.variables.map((each) => (each.secret ? { ...each, value: "" } : each));
  sessionStorage.setItem(key, JSON.stringify({ ...values, variables }));
}
export const dropDraft = (): void => sessionStorage.removeItem(key);
