/**
 * Tokens that may only ask so much: so many requests in a minute, so many at once. What is refused does not count.
 *
 * Gateways tell each other with their heartbeat what they have let in, so that a limit holds over all of them, a second or two late: several
 * at once may let in more for that long, never for longer.
 */
import type { GatewayId, TokenId } from "../model/ids.ts";
import type { TokenLimits, TokenUse } from "../model/token-limits.ts";

/** The seconds that are counted: the one that runs now and 60 whole ones, so that it is never less than a minute. */
const secondsCounted = 61;

export type Begun =
  | { readonly ok: true; /** To be called once, when the request has ended. */ readonly end: () => void }
  | { readonly ok: false; readonly limit: keyof TokenLimits; readonly retryAfterSeconds: number };

type Uses = Readonly<Record<TokenId, TokenUse>>;

export type TokenLimiter = {
  begin(id: TokenId, limits: TokenLimits): Begun;
  /** What there is to tell other gateways. */
  use(): Uses;
  /** What the other living gateways have told; who is not among them has nothing under way. */
  heed(told: ReadonlyMap<GatewayId, Uses>): void;
};

/** @param nowMs a clock that is never set. */
export function createTokenLimiter(nowMs: () => number = () => performance.now()): TokenLimiter {
  const counted = new Map<TokenId, Counted>();
  let heard: ReadonlyMap<GatewayId, Uses> = new Map();
  const secondNow = () => Math.floor(nowMs() / 1000);

  function ofToken(id: TokenId): Counted {
    const token = counted.get(id) ?? new Counted(secondNow());
    counted.set(id, token);
    token.advance(secondNow());
    return token;
  }

  return {
    begin(id, { requestsPerMinute, concurrentRequests }) {
      const token = ofToken(id);
      if (concurrentRequests !== null && token.underWay + token.underWayElsewhere >= concurrentRequests)
        return { ok: false, limit: "concurrentRequests", retryAfterSeconds: 1 };
      if (requestsPerMinute !== null && token.lately >= requestsPerMinute)
        return { ok: false, limit: "requestsPerMinute", retryAfterSeconds: token.secondsUntilBelow(requestsPerMinute) };
      token.add(1);
      token.count += 1;
      token.underWay += 1;
      return { ok: true, end: () => void (token.underWay -= 1) };
    },
    use() {
      const uses: Record<TokenId, TokenUse> = {};
      for (const id of counted.keys()) {
        const { lately, count, underWay, underWayElsewhere } = ofToken(id);
        if (lately + underWay + underWayElsewhere === 0) counted.delete(id);
        else if (count > 0) uses[id] = { count, underWay };
      }
      return uses;
    },
    heed(told) {
      for (const token of counted.values()) token.underWayElsewhere = 0;
      for (const [gateway, uses] of told) {
        const before = heard.get(gateway);
        for (const [id, { count, underWay }] of Object.entries(uses) as [TokenId, TokenUse][]) {
          const token = ofToken(id);
          token.underWayElsewhere += underWay;
          // Of a gateway that is met for the first time nobody knows how long ago they were; one that counts anew began at nothing.
          const last = before === undefined ? count : (before[id]?.count ?? 0);
          token.add(count >= last ? count - last : count);
        }
      }
      heard = told;
    },
  };
}

class Counted {
  /** Over the seconds that are counted, here and elsewhere. */
  lately = 0;
  /** Let in here since this began. */
  count = 0;
  underWay = 0;
  underWayElsewhere = 0;
  /** A ring: by second, modulo its length. */
  readonly #bySecond = new Uint32Array(secondsCounted);
  #second: number;

  constructor(second: number) {
    this.#second = second;
  }

  advance(second: number): void {
    for (let passed = Math.min(second - this.#second, secondsCounted); passed > 0; passed -= 1) {
      const at = (second - passed + 1) % secondsCounted;
      this.lately -= this.#bySecond[at] ?? 0;
      this.#bySecond[at] = 0;
    }
    this.#second = second;
  }

  add(requests: number): void {
    const at = this.#second % secondsCounted;
    this.#bySecond[at] = (this.#bySecond[at] ?? 0) + requests;
    this.lately += requests;
  }

  /** In how many seconds fewer than that are counted, if none is added. */
  secondsUntilBelow(limit: number): number {
    let left = this.lately;
    for (let seconds = 1; seconds <= secondsCounted; seconds += 1) {
      left -= this.#bySecond[(this.#second + seconds) % secondsCounted] ?? 0;
      if (left < limit) return seconds;
    }
    return secondsCounted;
  }
}
