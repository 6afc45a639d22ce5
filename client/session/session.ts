/**
 * Signing in. The start of the server prints a link with the administrator's token behind `#`, which no server or proxy
 * ever sees; it is exchanged for a cookie that scripts cannot read, and taken out of the address before anything else.
 */

/** The token of a sign-in link, removed from the address bar and the history; null where there is none. */
export function takeTokenFromAddress(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

export type SigningIn = { readonly ok: true } | { readonly ok: false; readonly message: string };

export async function signIn(token: string): Promise<SigningIn> {
  try {
    const response = await fetch("/sign-in", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (response.ok) return { ok: true };
    const body = (await response.json().catch(() => ({}))) as { message?: string };
    return { ok: false, message: body.message ?? `Serai answered ${response.status}.` };
  } catch {
    return { ok: false, message: "Serai cannot be reached right now. Try again in a moment." };
  }
}

export async function signOut(): Promise<void> {
  await fetch("/sign-out", { method: "POST" }).catch(() => undefined);
}
