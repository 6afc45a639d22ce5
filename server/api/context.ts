/**
 * Who is it? A user's token in the Authorization header, or the console's cookie.
 *
 * A cookie is sent by the browser whoever made it send the request, so such a request must come from the console itself: its
 * Origin is exactly the scheme and host that it was sent to. Only reading (GET) may come without an Origin, because browsers
 * leave it out there; other sites cannot read the answer.
 */
import type { IncomingMessage } from "node:http";
import { parseAuthorization } from "../auth/header.ts";
import type { Database } from "../store/database.ts";
import { findUserByTokenHash, tokenHashOf, type Viewer } from "../store/users.ts";
import type { Refused } from "./answer.ts";
import { type Sessions, sessionCookie } from "./session.ts";

export type Identified =
  | { readonly ok: true; readonly viewer: Viewer; /** Null: as long as the user's token. */ readonly expiresAt: Date | null }
  | { readonly ok: false; readonly isAnonymous: boolean; readonly refused: Refused };

export type Identify = {
  request(request: IncomingMessage): Promise<Identified>;
  /** The value of an Authorization header, from wherever it came. */
  authorization(value: string): Promise<Identified>;
};

const refuse = (message: string, code: Refused["code"] = "UNAUTHENTICATED"): Identified => ({
  ok: false,
  isAnonymous: false,
  refused: { code, message },
});
const anonymous: Identified = {
  ok: false,
  isAnonymous: true,
  refused: { code: "UNAUTHENTICATED", message: "Sign in, or send a user's token: Authorization: Bearer <token>." },
};

export function createIdentify(database: Database, sessions: Sessions): Identify {
  async function byHeaders(values: readonly string[]): Promise<Identified> {
    const header = parseAuthorization(values);
    if (header.kind !== "token" || header.scheme !== "bearer") {
      return refuse("The Authorization header must be: Bearer <a user's token>.");
    }
    const viewer = await findUserByTokenHash(database, tokenHashOf(header.token));
    return viewer === null ? refuse("No user has this token.") : { ok: true, viewer, expiresAt: null };
  }

  return {
    authorization: (value) => byHeaders([value]),
    async request(request) {
      const values = request.headersDistinct["authorization"] ?? [];
      if (values.length > 0) return byHeaders(values);
      const cookie = sessionCookie(request.headers.cookie);
      if (cookie === null) return anonymous;
      if (!isFromConsole(request)) {
        return refuse("A request with the console's cookie must come from the console's own address (Origin).", "FORBIDDEN");
      }
      const session = await sessions.open(cookie, new Date());
      return session === null ? refuse("The session is over: sign in again.") : { ok: true, ...session };
    },
  };
}

function isFromConsole(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  const isUpgrade = request.headers.upgrade !== undefined;
  if (origin !== undefined) return host !== undefined && origin === `${isSecure(request) ? "https" : "http"}://${host}`;
  const site = request.headers["sec-fetch-site"];
  return !isUpgrade && (request.method === "GET" || request.method === "HEAD") && (site === undefined || site === "same-origin" || site === "none");
}

/** Did it come by TLS? Serai speaks none itself; whoever ends it in front says so. */
export const isSecure = (request: IncomingMessage): boolean => request.headers["x-forwarded-proto"] === "https";
