/**
 * Signing in: a user's token for a cookie that scripts cannot read. The token is looked up by its hash, so comparing takes no
 * longer the more of it is right. Wrong guesses are counted per address and told to wait. A right token is never: behind a
 * proxy many people share one address, and tokens are far too long to be found by guessing.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Database } from "../store/database.ts";
import { findUserByTokenHash, tokenHashOf } from "../store/users.ts";
import { answerJson, answerRefused, type Refused } from "./answer.ts";
import { readBody } from "./body.ts";
import { isSecure } from "./context.ts";
import { setCookie, type Sessions } from "./session.ts";

const bodyBytesMax = 8 * 1024;
const failuresMax = 10;
const windowMs = 60_000;
const addressesMax = 10_000;

export type SignIn = {
  signIn(request: IncomingMessage, response: ServerResponse): Promise<void>;
  signOut(request: IncomingMessage, response: ServerResponse): void;
};

export function createSignIn(database: Database, sessions: Sessions): SignIn {
  const failures = new Map<string, { count: number; until: number }>();

  function isSlowedDown(address: string, nowMs: number): boolean {
    const known = failures.get(address);
    return known !== undefined && known.until > nowMs && known.count >= failuresMax;
  }

  function countFailure(address: string, nowMs: number): void {
    const known = failures.get(address);
    // Whoever floods us from many addresses must not fill the memory.
    if (failures.size > addressesMax) failures.clear();
    if (known === undefined || known.until <= nowMs) failures.set(address, { count: 1, until: nowMs + windowMs });
    else known.count += 1;
  }

  return {
    async signIn(request, response) {
      const address = request.socket.remoteAddress ?? "";
      const now = new Date();
      const body = await readBody(request, bodyBytesMax);
      const token = tokenOf(request, body);
      if (token === null) {
        return answerRefused(response, { code: "BAD_REQUEST", message: 'The body must be JSON: {"token": "…"}.' });
      }
      const viewer = await findUserByTokenHash(database, tokenHashOf(token));
      if (viewer === null && isSlowedDown(address, now.getTime())) {
        const refused: Refused = { code: "TOO_MANY_ATTEMPTS", message: "Too many wrong tokens from this address: wait a minute." };
        return answerRefused(response, refused, { "retry-after": String(windowMs / 1000) });
      }
      if (viewer === null) {
        countFailure(address, now.getTime());
        return answerRefused(response, { code: "UNAUTHENTICATED", message: "No user has this token." });
      }
      failures.delete(address);
      const { id, name, role } = viewer.user;
      answerJson(response, 200, { user: { id, name, role } }, { "set-cookie": setCookie(sessions.issue(viewer, now), isSecure(request)) });
    },
    signOut(request, response) {
      answerJson(response, 200, {}, { "set-cookie": setCookie("", isSecure(request)) });
    },
  };
}

/** JSON by name: a form of another site cannot send that without asking first. */
function tokenOf(request: IncomingMessage, body: Buffer | null): string | null {
  if (body === null || !/^application\/json\b/i.test(request.headers["content-type"] ?? "")) return null;
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    const token = typeof parsed === "object" && parsed !== null ? (parsed as { token?: unknown }).token : undefined;
    return typeof token === "string" && token !== "" ? token : null;
  } catch {
    return null;
  }
}
