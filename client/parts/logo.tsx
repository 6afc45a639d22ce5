/** The gate of a caravanserai. */
import type { ReactElement } from "react";

export function Logo(): ReactElement {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden style={{ flex: "none" }}>
      <rect width="32" height="32" rx="7" fill="var(--ink)" />
      <path d="M6 25V14.5C6 9 10.5 5.5 16 5.5S26 9 26 14.5V25h-5.5v-9.5a4.5 4.5 0 0 0-9 0V25Z" fill="var(--surface)" />
    </svg>
  );
}
