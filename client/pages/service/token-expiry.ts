/** When a token ends: a number of days from now, a moment, or never. */
import { exactly } from "../../parts/time.tsx";

export type Expiry = "7" | "30" | "90" | "at" | "never";

export const expiryChoices: { readonly value: Expiry; readonly label: string }[] = [
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "at", label: "At a date and time" },
  { value: "never", label: "Never" },
];

const dayMs = 86_400_000;

/** ISO 8601, or null for never. `at` is in the browser's time zone, as its own date field gives it. */
export function expiryOf(expiry: Expiry, at: string, now: number): string | null {
  if (expiry === "never") return null;
  if (expiry === "at") return new Date(at).toISOString();
  return new Date(now + Number(expiry) * dayMs).toISOString();
}

export function nextExpiry(expiry: Expiry, at: string, now: number): string {
  if (expiry === "never") return "It works until it is revoked.";
  if (expiry === "at" && Number.isNaN(Date.parse(at))) return "It works until the moment you choose, or until it is revoked.";
  return `It works until ${exactly(expiryOf(expiry, at, now) ?? now)}, or until it is revoked.`;
}
