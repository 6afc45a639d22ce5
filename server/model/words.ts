/** Plain words for sentences that people read. */

/** `1 route`, `3 routes`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
