/** A gateway alone in its process, for what it holds to be measured: the table comes from the parent, what it would write goes there. */
import { setTimeout as pause } from "node:timers/promises";
import { createVerifier, publicKeysOf } from "../../server/auth/verifier.ts";
import { createFigures } from "../../server/gateway/figures.ts";
import { buildRouteTable } from "../../server/gateway/route-table.ts";
import { serveGateway } from "../../server/gateway/serve.ts";
import { openTellTraffic } from "../../server/gateway/tell-traffic.ts";
import { silentLog } from "../../server/log.ts";
import type { RouteTableRow } from "../../server/store/route-table.ts";
import type { TrafficRow } from "../../server/store/traffic.ts";
import { keyRow } from "../gateway/world.ts";

export type ToGateway = { readonly kind: "table"; readonly rows: readonly RouteTableRow[] } | { readonly kind: "measure" } | { readonly kind: "end" };
export type Held = { readonly heapBytes: number; readonly rssBytes: number; readonly sockets: number; readonly inFlight: number };
export type FromGateway =
  | { readonly kind: "listens"; readonly port: number }
  | { readonly kind: "wrote"; readonly rows: readonly TrafficRow[] }
  | { readonly kind: "measured"; readonly held: Held };

const tell = (message: FromGateway): void => void process.send?.(message);
const figures = createFigures();
const telling = openTellTraffic({
  figures,
  subjects: () => serving.subjects(),
  write: async (rows) => tell({ kind: "wrote", rows }),
  log: silentLog,
});
const serving = await serveGateway({
  host: "127.0.0.1",
  port: 0,
  verifier: await createVerifier(async () => publicKeysOf([keyRow])),
  log: silentLog,
  figures,
  onTokenUsed: () => {},
  onIdle: () => {},
  lookAfresh: async () => {},
  isStale: () => false,
});

async function measure(): Promise<Held> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await pause(100);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const inFlight = [figures.nowhere, ...figures.known.values()].reduce((sum, one) => sum + one.inFlight, 0);
  const sockets = process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  return { heapBytes: heapUsed + external, rssBytes: rss, sockets, inFlight };
}

process.on("message", async (message: ToGateway) => {
  if (message.kind === "table") await serving.apply(buildRouteTable(message.rows, performance.now()));
  else if (message.kind === "measure") tell({ kind: "measured", held: await measure() });
  else {
    await serving[Symbol.asyncDispose]();
    await telling[Symbol.asyncDispose]();
    process.disconnect();
  }
});
tell({ kind: "listens", port: serving.port });
