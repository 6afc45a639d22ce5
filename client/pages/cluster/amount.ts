/** Cores and GiB as people say them: "0.4", "12", "1,024". */
export const amount = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
