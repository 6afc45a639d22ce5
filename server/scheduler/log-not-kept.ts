/** What both schedulers say of a log that nothing is left of. */
import { AppError } from "../failure.ts";

export const logNotKept = (): AppError =>
  new AppError("LOG_NOT_KEPT", "nothing is kept of the log of a session that is not there", {
    publicMessage: "Of what this route wrote nothing is kept any more.",
  });
