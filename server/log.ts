/** One structured logger. Tokens, cookies and secrets are redacted by path, as a second net under not logging them. */
import { destination, type Logger, type LoggerOptions, pino } from "pino";

export type Log = Logger;

/** Writes to stderr: stdout is for the few lines that a person reads at the start. */
export function createLog(level: string): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: ["token", "secret", "password", "authorization", "cookie", "*.token", "*.secret", "*.password", "*.authorization", "*.cookie"],
  };
  return pino(options, destination(2));
}

/** A logger that says nothing, for tests. */
export const silentLog: Log = pino({ level: "silent" });
