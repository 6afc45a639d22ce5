/** What the disk answers, as one of ours. */
import { AppError, messageOf } from "../failure.ts";

/** `ENOENT`, for example; null where it is not an error of the operating system. */
export const codeOf = (thrown: unknown): string | null => {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : null;
};

export function folderUnavailable(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const publicMessage = codeOf(thrown) === "ENOSPC" ? "The disk of the folders is full." : "The folder cannot be reached at the moment.";
  return new AppError("FOLDER_UNAVAILABLE", messageOf(thrown), { publicMessage, retry: true, cause: thrown });
}
