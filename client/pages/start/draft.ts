/** What was typed and not sent: kept for this tab, so that a closed dialog, a reload or an error loses nothing. */
import { untouched, type StartValues } from "./start-form.ts";

const key = "serai-start-draft";

export function readDraft(): StartValues {
  try {
    return { ...untouched, ...(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<StartValues>) };
  } catch {
    return untouched;
  }
}

export const keepDraft = (values: StartValues): void => sessionStorage.setItem(key, JSON.stringify(values));
export const dropDraft = (): void => sessionStorage.removeItem(key);
