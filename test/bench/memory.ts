/**
 * What the server holds while nothing happens: its process alone, without npm and PostgreSQL, 15 s after the example became
 * HEALTHY. At the first start nothing is compiled yet, which loads Node's type stripper; the second start is every later one.
 * RSS counts the pages of the Node program in full; PSS counts them in proportion where other Node processes share them.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { forgetCompiled, npmStart, openPlace, type Place } from "./npm-start.ts";
import type { Part, Row } from "./part.ts";
import { answers, until } from "./until.ts";

const idleMs = 15_000;

export const memory: Part = {
  name: "memory",
  missing: () => (process.platform === "linux" ? null : "it is read from Linux' /proc"),
  async measure(opened) {
    const place = await openPlace(opened);
    await forgetCompiled();
    return [await measureOnce(opened, place, "at the first start"), await measureOnce(opened, place, "at the second start")];
  },
};

async function measureOnce(opened: AsyncDisposableStack, place: Place, when: string): Promise<Row> {
  const serai = await npmStart(opened, place);
  await until("the example answers", 50, () => answers(serai.example));
  await wait(idleMs);
  const rolledUp = await readFile(`/proc/${serai.serverPid}/smaps_rollup`, "utf8");
  await serai[Symbol.asyncDispose]();
  const megabytes = (name: string): string => `${Math.round((Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(rolledUp)?.[1]) * 1024) / 1e6)} MB`;
  return { name: `idle memory ${when}`, figure: `RSS ${megabytes("Rss")}, PSS ${megabytes("Pss")}`, aim: "under 130 MB" };
}
