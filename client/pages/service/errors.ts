/** The errors that nobody has cleared, counted: the same one that came again counts as often as it came. */
export type Counted = { readonly routeId: string | null; readonly repeats: number };

export const countOf = (errors: readonly Counted[], routeId?: string): number =>
  errors.filter((error) => routeId === undefined || error.routeId === routeId).reduce((sum, { repeats }) => sum + repeats + 1, 0);

export const errorsInWords = (count: number): string => (count === 1 ? "1 error" : `${count} errors`);
