/** When a token was last used, told to the database every few seconds: by one statement for all tokens, never per request. */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { TokenId } from "../model/ids.ts";

export type TokenUse = AsyncDisposable & { note(id: TokenId): void };

const tellEveryMs = 3000;

export function openTokenUse(write: (ids: readonly TokenId[]) => Promise<void>, log: Log): TokenUse {
  const used = new Set<TokenId>();
  let writing: Promise<void> = Promise.resolve();

  async function tell(): Promise<void> {
    if (used.size === 0) return;
    const ids = [...used];
    used.clear();
    try {
      await write(ids);
    } catch (thrown) {
      for (const id of ids) used.add(id);
      log.warn({ reason: messageOf(thrown) }, "the last use of tokens could not be written; it is tried again");
    }
  }

  const timer = setInterval(() => {
    writing = writing.then(tell);
  }, tellEveryMs);

  return {
    note: (id) => void used.add(id),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await writing.then(tell);
    },
  };
}
