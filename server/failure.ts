/**
 * A failure of something that should have worked: broken infrastructure, a bug, an outage.
 *
 * What a user may expect to go wrong (bad input, a name taken) is a value, never one of these.
 * `message` is for the operator's log; `publicMessage` may be shown to anybody.
 */
export type FailureCode =
  | "CONFIG_INVALID"
  | "DATABASE_UNAVAILABLE"
  | "SCHEDULER_UNAVAILABLE"
  | "SCHEDULER_FORBIDDEN"
  | "SCHEDULER_REFUSED"
  | "SUPERSEDED"
  | "FOLDER_UNAVAILABLE"
  | "LOG_NOT_KEPT"
  | "INTERNAL";

export class AppError extends Error {
  readonly code: FailureCode;
  readonly publicMessage: string;
  readonly retry: boolean;

  constructor(code: FailureCode, message: string, options: { publicMessage?: string; retry?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.publicMessage = options.publicMessage ?? "Something went wrong on the server.";
    this.retry = options.retry ?? false;
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
