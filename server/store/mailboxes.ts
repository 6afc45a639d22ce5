/** Changes on their way to those who subscribe: merged while a subscriber is busy, lost by none. */
export type ChangeSet = ReadonlySet<string> | "everything";

export type Mailboxes = {
  /** Subscribing is effective when this returns. @param except leaves out what this writer has written. */
  subscribe(signal: AbortSignal, except?: string): AsyncIterable<ChangeSet>;
  tell(change: string, writer?: string): void;
  size(): number;
};

type Mailbox = { waiting: Set<string> | "everything"; wake: () => void; readonly except: string | undefined };

export function createMailboxes(): Mailboxes {
  const mailboxes = new Set<Mailbox>();
  return {
    subscribe: (signal, except) => subscribe(mailboxes, signal, except),
    tell(change, writer) {
      for (const mailbox of mailboxes) {
        if (writer !== undefined && mailbox.except === writer) continue;
        if (change === "everything") mailbox.waiting = "everything";
        else if (mailbox.waiting !== "everything") mailbox.waiting.add(change);
        mailbox.wake();
      }
    },
    size: () => mailboxes.size,
  };
}

function subscribe(mailboxes: Set<Mailbox>, signal: AbortSignal, except: string | undefined): AsyncIterable<ChangeSet> {
  const mailbox: Mailbox = { waiting: new Set(), wake: () => {}, except };
  const leave = () => {
    mailboxes.delete(mailbox);
    mailbox.wake();
  };
  if (!signal.aborted) {
    mailboxes.add(mailbox);
    signal.addEventListener("abort", leave, { once: true });
  }
  async function* turns(): AsyncGenerator<ChangeSet, void, undefined> {
    try {
      while (!signal.aborted) {
        if (mailbox.waiting !== "everything" && mailbox.waiting.size === 0) {
          await new Promise<void>((resolve) => {
            mailbox.wake = resolve;
          });
          continue;
        }
        const turn = mailbox.waiting;
        mailbox.waiting = new Set();
        yield turn;
      }
    } finally {
      signal.removeEventListener("abort", leave);
      mailboxes.delete(mailbox);
    }
  }
  return turns();
}
