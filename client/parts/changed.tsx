/** What changed glows for a second, in place. The first value does not glow: arriving is no change. */
import { useState, type ReactElement, type ReactNode } from "react";

export function Changed({ value, children }: { readonly value: string | number | boolean; readonly children: ReactNode }): ReactElement {
  const [seen, setSeen] = useState({ value, times: 0 });
  if (seen.value !== value) setSeen({ value, times: seen.times + 1 });
  // The key restarts the animation when the value changes again within the second.
  return (
    <span key={seen.times} className={seen.times === 0 ? undefined : "changed"}>
      {children}
    </span>
  );
}
