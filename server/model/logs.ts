/** What a session writes, as it is asked for and as it comes: by attempts, each with offsets of its own, so that reading can go on where it broke off. */
export type LogStream = "stdout" | "stderr";

export type LogQuery = {
  readonly stream: LogStream;
  /** Of a session of several members, whose: 0, or absent, is main. */
  readonly member?: number;
  /** Go on with what is written later, and with the attempts that come, until the signal ends it. */
  readonly follow: boolean;
  /**
   * Where to begin, as an earlier chunk said. Null: the newest. One that is not there any more: everything that is, from its beginning.
   * The attempts that came after it follow.
   */
  readonly attempt: string | null;
  /** From the beginning of that attempt's log. */
  readonly offset: number;
  /** Of that attempt's log, begin at most so many bytes before the present end. Null: all of it from the offset on. */
  readonly tailBytes: number | null;
  readonly signal: AbortSignal;
};

export type LogChunk = {
  /** Another one than in the chunk before: its log begins. */
  readonly attempt: string;
  /** Of the first byte, from the beginning of the attempt's log. Beyond the end of the chunk before: what was between is kept no more. */
  readonly offset: number;
  readonly bytes: Uint8Array;
};
