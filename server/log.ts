/** One structured logger. Tokens, cookies and secrets are redacted by path, as a second net under not logging them. */
import { type Logger, pino } from "pino";

export type Log = Logger;

export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: ["token", "secret", "password", "authorization", "cookie", "*.token", "*.secret", "*.password", "*.authorization", "*.cookie"],
  });
}

/** A logger that says nothing, for tests. */
export const silentLog: Log = pino({ level: "silent" });
