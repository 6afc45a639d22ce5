/**
 * What the API may ask of the scheduler: to look, never to act. Main hands in an object that asks the scheduler; the API
 * cannot reach it otherwise, so a mutation can only write a wish.
 */
import type { SessionId } from "./ids.ts";
import type { LogChunk, LogQuery } from "./logs.ts";
import type { Session, UnplacedFacts } from "./session.ts";

export type ComputeNode = {
  readonly id: string;
  readonly name: string;
  readonly nodePool: string;
  /** May new sessions be placed here? */
  readonly eligible: boolean;
  /** Can sessions there reach the folders' files? Null: nobody has looked, or it did not answer. */
  readonly seesFolders: boolean | null;
  readonly cpuMillicores: { readonly total: number; readonly used: number };
  readonly memoryMiB: { readonly total: number; readonly used: number };
  readonly accelerators: readonly { readonly name: string; readonly count: number; readonly used: number }[];
};

/** Would a session be placed now? */
export type Preview = { readonly fits: true } | { readonly fits: false; readonly unplaced: UnplacedFacts };

export type Observe = {
  nodes(): Promise<readonly ComputeNode[]>;
  /** Throws AppError SCHEDULER_UNAVAILABLE or SCHEDULER_REFUSED. */
  preview(session: Session): Promise<Preview>;
  /** Throws the same on the way. */
  logs(id: SessionId, query: LogQuery): AsyncIterable<LogChunk>;
};
