/** One structured logger. Tokens, cookies and secrets are redacted by path, as a second net under not logging them. */
import { destination, type Logger, type LoggerOptions, pino } from "pino";

export type Log = Logger;

const timestamp = () => `,"time":"${new Date().toISOString()}"`;

/** Writes to stderr: stdout is for the few lines that a person reads at the start. */
export function createLog(level: string): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp,
    redact: ["token", "secret", "password", "authorization", "cookie", "*.token", "*.secret", "*.password", "*.authorization", "*.cookie"],
  };
  return pino(options, destination(2));
}

const mebibyte = 1024 * 1024;
const lastLinesMs = 1000;

/**
 * Lines of requests, to stdout, apart from what Serai says of itself. Serving does not wait for who reads them: they are written beside it, and
 * beyond 16 MiB that nobody has read they are lost. In pieces that a pipe takes as a whole, so that lines of several processes do not mix.
 */
export function createAccessLog(): { readonly log: Log } & AsyncDisposable {
  const lines = destination({ dest: 1, sync: false, maxLength: 16 * mebibyte, maxWrite: 4096 });
  // A terminal that was closed, or a pipe that nobody reads.
  lines.on("error", () => {});
  return {
    log: pino({ base: null, timestamp, formatters: { level: () => ({ kind: "request" }) } }, lines),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        lines.flush(() => resolve());
        setTimeout(resolve, lastLinesMs).unref();
      }),
  };
}

/** A logger that says nothing, for tests. */
export const silentLog: Log = pino({ level: "silent" });
