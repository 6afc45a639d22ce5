/** Headers as they are compared where a request is made direct and through the gateway. */

export const framing = new Set(["connection", "keep-alive", "transfer-encoding"]);
/** As docs/gateway.md names them. */
export const documented = new Set([
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "forwarded",
  "x-request-id",
  "traceparent",
  "server-timing",
]);

/** A length of 0 and none at all mean the same where there is no body. */
export function comparable(raw: readonly string[], left: readonly ReadonlySet<string>[]): string[] {
  return raw.flatMap((name, at) => {
    if (at % 2 === 1 || left.some((names) => names.has(name.toLowerCase()))) return [];
    if (name.toLowerCase() === "content-length" && raw[at + 1] === "0") return [];
    // undici writes this one name in lower case.
    return [`${name === "host" ? "Host" : name}: ${raw[at + 1]}`];
  });
}
