/** A measurement that can be run alone. */
export type Row = { readonly name: string; readonly figure: string; readonly aim: string; readonly ratio?: string };

export type Part = {
  /** As `npm run bench -- <name>` asks for it. */
  readonly name: string;
  /** Why it cannot be measured on this machine, and what would help; null where it can. */
  missing(): string | null;
  /** @param opened owns all that is started, so that an interrupted measurement leaves nothing behind either. */
  measure(opened: AsyncDisposableStack): Promise<readonly Row[]>;
};
