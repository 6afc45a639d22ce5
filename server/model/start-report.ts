/**
 * What a start script reports of its actions while it runs, and how that reads: pure.
 *
 * The script appends lines to `$SERAI_HOME/.serai/start/report` and leaves the output of action n in `<n>.out` and `<n>.err` beside it.
 * A scheduler reads them from where the session runs. Everything in them is the session's word: bounded, never trusted.
 */

/** Of each of `out` and `err`. */
export const actionOutputBytesMax = 16 * 1024;

export type StartActionResult = {
  /** Its place in `pre_start_actions`, from 0. */
  readonly index: number;
  /** `run_command`, for example. */
  readonly action: string;
  /** Null: it was ended from outside. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Milliseconds. */
  readonly durationMs: number;
  /** The ends of what it wrote, at most `actionOutputBytesMax` each. */
  readonly out: string;
  readonly err: string;
  /** There was more before. */
  readonly outCut: boolean;
  readonly errCut: boolean;
};
