/** `queue;dur=1.2, upstream;dur=34.5` as the gateway and the model say it (Server-Timing): names with milliseconds, in order. */
export function serverTimings(value: string): readonly { readonly name: string; readonly ms: number }[] {
  return value.split(",").flatMap((metric) => {
    const [name = "", ...params] = metric.split(";").map((part) => part.trim());
    const ms = Number(params.map((param) => /^dur="?([\d.]+)"?$/i.exec(param)?.[1]).find((dur) => dur !== undefined) ?? Number.NaN);
    return name === "" || Number.isNaN(ms) ? [] : [{ name, ms }];
  });
}
