/**
 * From a change in the database to the message at a subscriber: UPDATEs of one row, each timed from before it is sent to when
 * the WebSocket client in this process has the new value. The changed field is one that makes control look and do nothing.
 */
import { setTimeout as wait } from "node:timers/promises";
import { openDatabase } from "../../server/store/database.ts";
import { type Fields, graphqlOf } from "../support/graphql.ts";
import { openBenchDatabase } from "./bench-database.ts";
import { npmStart, openPlace } from "./npm-start.ts";
import type { Part } from "./part.ts";
import { inMilliseconds, percentile } from "./statistics.ts";
import { reader } from "./until.ts";

const updates = 500;
/** What runs for the first time is slower, and nobody waits for it. */
const unmeasured = 50;
/** So that each change is one of its own, and not the end of the work on the one before. */
const pauseMs = 10;

const document = "subscription ($id: ID!) { service(id: $id) { status statusReason terminationGraceSeconds routes { id status } } }";

export const change: Part = {
  name: "change",
  missing: () => null,
  async measure(opened) {
    const databaseUrl = await openBenchDatabase(opened);
    const place = await openPlace(opened, { DATABASE_URL: databaseUrl });
    const serai = await npmStart(opened, place);
    const api = opened.use(graphqlOf(serai));
    const database = opened.use(openDatabase(databaseUrl, 1));
    const [service] = await database.sql<{ id: string }[]>`select id from services`;
    const id = service?.id ?? "";

    const ending = new AbortController();
    opened.defer(() => ending.abort());
    const read = reader(api.follow(document, { id }, ending.signal));
    const comes = (isWanted: (service: Fields) => boolean) => read("a change", (data) => isWanted(data["service"] as Fields));
    await comes(({ status }) => status === "HEALTHY");

    const durations: number[] = [];
    for (let seconds = 1; seconds <= unmeasured + updates; seconds++) {
      await wait(pauseMs);
      const begun = performance.now();
      const told = comes(({ terminationGraceSeconds }) => terminationGraceSeconds === seconds);
      await database.sql`update services set termination_grace_seconds = ${seconds} where id = ${id}`;
      await told;
      if (seconds > unmeasured) durations.push(performance.now() - begun);
    }
    const name = "change in the database to message at a subscriber";
    return [
      { name: `${name}, p50 of ${updates}`, figure: inMilliseconds(percentile(durations, 0.5)), aim: "under 5 ms" },
      { name: `${name}, p99`, figure: inMilliseconds(percentile(durations, 0.99)), aim: "under 25 ms" },
    ];
  },
};
