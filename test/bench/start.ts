/**
 * From `npm start` to the first 200 from the example, in an empty data directory: packages installed, console built, nothing
 * compiled yet and nothing in the database.
 */
import { forgetCompiled, npmStart, openPlace } from "./npm-start.ts";
import type { Part } from "./part.ts";
import { inSeconds, median } from "./statistics.ts";
import { answers, until } from "./until.ts";

const rounds = 5;

export const start: Part = {
  name: "start",
  missing: () => null,
  async measure(opened) {
    const durations: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const place = await openPlace(opened);
      await forgetCompiled();
      const begun = performance.now();
      const serai = await npmStart(opened, place);
      await until("the example answers", 10, () => answers(serai.example));
      durations.push(performance.now() - begun);
      await serai[Symbol.asyncDispose]();
    }
    const all = durations.map(inSeconds).join(", ");
    return [{ name: "cold npm start to the example's first 200", figure: `${inSeconds(median(durations))} (median of ${all})`, aim: "under 6 s" }];
  },
};
