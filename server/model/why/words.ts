/** Amounts and things as people say them, in the sentences of the engine. */
import type { Accelerator } from "../service-spec.ts";
import { MiBPerGiB } from "../units.ts";
import { countOf } from "../words.ts";

const rounded = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** Down, so that what is said to be free is. */
export const sizeOf = (memoryMiB: number): string =>
  memoryMiB >= MiBPerGiB ? `${rounded(Math.floor((memoryMiB / MiBPerGiB) * 10) / 10, 1)} GiB` : `${Math.max(0, Math.floor(memoryMiB))} MiB`;
/** As it was asked for. */
export const wantedSizeOf = (memoryMiB: number): string =>
  memoryMiB >= MiBPerGiB ? `${rounded(memoryMiB / MiBPerGiB, 3)} GiB` : `${Math.round(memoryMiB)} MiB`;

export const coresOf = (millicores: number): string => {
  const count = rounded(Math.max(0, Math.floor(millicores)) / 1000, 3);
  return `${count} ${count === "1" ? "core" : "cores"}`;
};

const spoken = new Set(["gpu", "npu", "tpu", "fpga", "vpu"]);
const typeOf = (type: string): string => (spoken.has(type) ? type.toUpperCase() : type);

/** `GPU`, `nvidia GPU`, `nvidia H100 GPU`. */
export function kindOf(name: string): string {
  const [first = "", second, ...rest] = name.split("/");
  if (second === undefined) return typeOf(first);
  return [first, ...rest.slice(0, 1), typeOf(second)].join(" ");
}

/** `1 nvidia GPU with at least 40 GiB`. */
export function requestOf({ name, count, memoryGiB, constraints = [] }: Accelerator): string {
  const memory = memoryGiB === undefined ? "" : ` with at least ${wantedSizeOf(memoryGiB * MiBPerGiB)}`;
  const more =
    constraints.length === 0
      ? ""
      : `${memory === "" ? " with" : " and"} ${constraints.length === 1 ? "a condition" : `${constraints.length} conditions`}`;
  return `${countOf(count, kindOf(name))}${memory}${more}`;
}

export const listOf = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;

/** The first few, and how many more. */
export const firstOf = (items: readonly string[], most: number, noun: string): string =>
  items.length <= most ? items.join(", ") : `${items.slice(0, most).join(", ")} and ${countOf(items.length - most, `more ${noun}`)}`;
