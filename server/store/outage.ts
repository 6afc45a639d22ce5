/** Is it the database that cannot be reached, rather than a mistake in what it was asked? */

/** Ours, of postgres.js and of the operating system. */
const connectionCodes = new Set([
  "DATABASE_UNAVAILABLE",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

export function isOutage(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    // Classes 08 (connection), 53 (resources) and 57P (shut down, starting up): PostgreSQL's appendix A.
    if (typeof code === "string" && (connectionCodes.has(code) || /^(?:08|53|57P)/.test(code))) return true;
  }
  return false;
}
