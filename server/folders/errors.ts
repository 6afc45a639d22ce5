/** What the disk answers, as one of ours. */
import { AppError, messageOf } from "../failure.ts";
import { conflict, invalid, type Outcome } from "../model/problem.ts";

/** `ENOENT`, for example; null where it is not an error of the operating system. */
export const codeOf = (thrown: unknown): string | null => {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : null;
};

const isFull = (thrown: unknown): boolean => ["ENOSPC", "EDQUOT"].includes(codeOf(thrown) ?? "");

export const diskIsFull = "The disk of the folders is full.";

/** Only what the operating system says; what the database says keeps its own name. */
export function folderUnavailable(thrown: unknown): unknown {
  if (thrown instanceof AppError || !isOfTheSystem(thrown)) return thrown;
  const publicMessage = isFull(thrown) ? diskIsFull : "The folder cannot be reached at the moment.";
  return new AppError("FOLDER_UNAVAILABLE", messageOf(thrown), { publicMessage, retry: true, cause: thrown });
}

const isOfTheSystem = (thrown: unknown): boolean => thrown instanceof Error && typeof (thrown as NodeJS.ErrnoException).syscall === "string";

/** What the disk refuses although it works: somebody was faster, or the files belong to somebody else. */
export async function refusalByDisk<T>(action: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await action();
  } catch (thrown) {
    const refused = isOfTheSystem(thrown) ? refusalOf(codeOf(thrown) ?? "") : null;
    if (refused === null) throw thrown;
    return refused;
  }
}

function refusalOf(code: string): Outcome<never> | null {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "EEXIST":
    case "ENOTEMPTY":
    case "EISDIR":
    case "ESTALE":
    case "ELOOP":
      return conflict("The folder changed at this place meanwhile: look again.");
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return conflict("Serai may not do this: on the machine the files belong to another user, or are protected.");
    case "EBUSY":
    case "EXDEV":
    case "ETXTBSY":
      return conflict("This is in use on the machine, or is another disk there.");
    case "ENAMETOOLONG":
    case "EINVAL":
    case "EILSEQ":
      return invalid([{ path: "path", message: "is no name that the folders' disk can take" }]);
    default:
      return null;
  }
}
