/** A wish that a button asks for: whether it is on its way, and why it was refused. What comes of it, the page is told live. */
import { useState } from "react";
import { unreachable, type Refused } from "../../connection/outcome.ts";

export type Wish = {
  readonly isBusy: boolean;
  /** Why it was refused. */
  readonly message: string | null;
  readonly ask: () => Promise<{ readonly ok: true } | Refused>;
};

export function useWish(wish: () => Promise<{ readonly ok: true } | Refused>): Wish {
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const ask = async () => {
    setBusy(true);
    const outcome = await wish().catch(unreachable);
    setBusy(false);
    setMessage(outcome.ok ? null : outcome.message);
    return outcome;
  };
  return { isBusy, message, ask };
}
