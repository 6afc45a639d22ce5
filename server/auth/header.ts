/**
 * `Authorization: BackendAI <token>` (the guide's scheme) or `Bearer <token>` (what every client library sends).
 * RFC 9110, 11.4: the scheme is compared in any case, one or more spaces follow it, and a token68 holds none.
 */
export type AuthorizationHeader =
  | { readonly kind: "missing" }
  | { readonly kind: "malformed" }
  | { readonly kind: "token"; readonly scheme: "backendai" | "bearer"; readonly token: string };

/** `values`: all Authorization headers of the request. More than one is ambiguous, so it is none. */
export function parseAuthorization(values: readonly string[]): AuthorizationHeader {
  const [value, ...more] = values;
  if (value === undefined) return { kind: "missing" };
  if (more.length > 0) return { kind: "malformed" };
  const match = /^(backendai|bearer) +([^\s,]+)$/i.exec(value.trim());
  const [, scheme, token] = match ?? [];
  if (scheme === undefined || token === undefined) return { kind: "malformed" };
  return { kind: "token", scheme: scheme.toLowerCase() === "bearer" ? "bearer" : "backendai", token };
}
