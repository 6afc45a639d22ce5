/**
 * The console's cookie: a signed statement of who signed in and until when. It is not the user's token, so a stolen cookie ends by
 * itself, and it is stored nowhere.
 *
 * The key is derived from SERAI_SECRET, so every process of the installation accepts it. The hash of the user's token is
 * signed with it: a user whose token is changed is signed out everywhere.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { consoleCookie } from "../auth/console-cookie.ts";
import { asId, type UserId } from "../model/ids.ts";
import { findUser, type Viewer } from "../store/users.ts";
import type { Database } from "../store/database.ts";

const sessionSeconds = 12 * 60 * 60;

export type Sessions = {
  issue(viewer: Viewer, now: Date): string;
  /** Null: not ours, expired, or of a user whose token has changed since. */
  open(text: string, now: Date): Promise<OpenSession | null>;
};
export type OpenSession = { readonly viewer: Viewer; readonly expiresAt: Date };

export function createSessions(database: Database, secret: string): Sessions {
  const key = createHmac("sha256", secret).update("serai: sessions of the console, v1").digest();
  const sign = (userId: UserId, expiresMs: number, tokenHash: string): string =>
    createHmac("sha256", key).update(`${userId}.${expiresMs}.${tokenHash}`).digest("base64url");
  return {
    issue({ user }, now) {
      const expiresMs = now.getTime() + sessionSeconds * 1000;
      return `${user.id}.${expiresMs}.${sign(user.id, expiresMs, user.tokenHash)}`;
    },
    async open(text, now) {
      const [, id, expires, signature] = /^([a-z]+_[a-z2-7]{20})\.(\d{13})\.([\w-]{43})$/.exec(text) ?? [];
      const userId = asId("user", id ?? "");
      if (userId === null || expires === undefined || signature === undefined) return null;
      const expiresMs = Number(expires);
      if (expiresMs <= now.getTime()) return null;
      const viewer = await findUser(database, userId);
      if (viewer === null || !isSame(signature, sign(userId, expiresMs, viewer.user.tokenHash))) return null;
      return { viewer, expiresAt: new Date(expiresMs) };
    },
  };
}

const isSame = (one: string, other: string): boolean => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** The cookie of a request; null where there is none, and where there are two that differ. */
export function sessionCookie(header: string | undefined): string | null {
  const prefix = `${consoleCookie}=`;
  const found = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix));
  const values = new Set(found.map((pair) => pair.slice(prefix.length)));
  const [value] = values;
  return values.size === 1 && value !== undefined && value !== "" ? value : null;
}

/** An empty text removes it. */
export function setCookie(text: string, isSecure: boolean): string {
  const age = text === "" ? 0 : sessionSeconds;
  return `${consoleCookie}=${text}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}
