/**
 * From the wish to HEALTHY on a real Nomad, beside what Nomad itself needs: rounds of the same session alternate between
 *   Serai     from the call of createService to the HEALTHY message at a subscriber of the list;
 *   by hand   from registering the job that Serai would compile, over HTTP, to the first 200 from its port. Its port is asked
 *             for, and then asked, every 20 ms, which is more than anybody would do by hand.
 * Each round begins when what the one before had started is gone.
 */
import { guideExample } from "../control/definitions.ts";
import { type Fields, type GraphQL, graphqlOf } from "../support/graphql.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { openBenchDatabase } from "./bench-database.ts";
import { openByHand } from "./by-hand.ts";
import { npmStart, openPlace } from "./npm-start.ts";
import type { Part } from "./part.ts";
import { inMilliseconds, median } from "./statistics.ts";
import { reader } from "./until.ts";

const rounds = 10;
const document = "subscription { services { kind id service { name status } } }";

export const nomad: Part = {
  name: "nomad",
  missing: () => (findNomad() === null ? "there is no Nomad here; sh test/nomad/build.sh makes one (needs Go)" : null),
  async measure(opened) {
    const databaseUrl = await openBenchDatabase(opened);
    const agent = opened.use(await startNomad());
    const place = await openPlace(opened, { DATABASE_URL: databaseUrl, NOMAD_ADDR: agent.address, SERAI_EXAMPLES: "0" });
    const api = opened.use(graphqlOf(await npmStart(opened, place)));
    const byHand = await openByHand(opened, agent.address);
    const bySerai = await openBySerai(opened, api);

    const durations = { bySerai: [] as number[], byHand: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const pair = { byHand: await byHand(), bySerai: await bySerai(`round-${round}`) };
      // The first one of each warms up.
      if (round === 0) continue;
      durations.bySerai.push(pair.bySerai);
      durations.byHand.push(pair.byHand);
    }
    const [serai, hand] = [median(durations.bySerai), median(durations.byHand)];
    return [
      { name: `wish to HEALTHY on Nomad (median of ${rounds})`, figure: inMilliseconds(serai), aim: "", ratio: (serai / hand).toFixed(2) },
      { name: "the same job submitted by hand, to its first 200", figure: inMilliseconds(hand), aim: "Serai at most 1.2 times", ratio: "1" },
    ];
  },
};

/** @returns creates a service, waits until it is HEALTHY, ends it and says how long the first two took, in ms. */
async function openBySerai(opened: AsyncDisposableStack, api: GraphQL): Promise<(name: string) => Promise<number>> {
  const { folder } = await api.wish("createFolder", { name: "guide", usage: "MODEL" }, "folder { id }");
  const folderId = (folder as Fields)["id"];
  await api.wish("writeFile", { folderId, path: "model-definition.yml", content: guideExample }, "file { size }");
  const ending = new AbortController();
  opened.defer(() => ending.abort());
  const read = reader(api.follow(document, {}, ending.signal));
  type Change = { kind: string; id: string | null; service: { name: string; status: string } | null };
  const comes = (what: string, isWanted: (change: Change) => boolean) => read(what, (data) => isWanted(data["services"] as Change));
  await comes("the list", ({ kind }) => kind === "READY");

  return async (name) => {
    const begun = performance.now();
    const healthy = comes("HEALTHY", ({ service }) => service?.name === name && service.status === "HEALTHY");
    const [made] = await Promise.all([api.wish("createService", { name, folderId, openToPublic: true }, "service { id }"), healthy]);
    const durationMs = performance.now() - begun;
    const { id } = made["service"] as { id: string };
    const gone = comes("its end", (change) => change.kind === "REMOVED" && change.id === id);
    await Promise.all([api.wish("terminateService", { id }, "service { id }"), gone]);
    return durationMs;
  };
}
