/** Serai's gateway as it serves: token check, balancing over two routes, limits and metrics are on; the table is given. */
import { newKeyRow, openSigningKey } from "../../server/auth/keys.ts";
import { createVerifier, publicKeysOf } from "../../server/auth/verifier.ts";
import { signToken } from "../../server/auth/sign.ts";
import { buildRouteTable } from "../../server/gateway/route-table.ts";
import { serveGateway } from "../../server/gateway/serve.ts";
import { silentLog } from "../../server/log.ts";
import { createMetrics } from "../../server/metrics.ts";
import { newId } from "../../server/model/ids.ts";

const [upstreamPort = "", port = "0"] = process.argv.slice(2);
const keyRow = newKeyRow("key-1", "secret");
const serving = await serveGateway({
  host: "127.0.0.1",
  port: Number(port),
  verifier: await createVerifier(async () => publicKeysOf([keyRow])),
  log: silentLog,
  metrics: createMetrics(),
  onTokenUsed: () => {},
  onIdle: () => {},
  lookAfresh: async () => {},
  isStale: () => false,
});
const serviceId = newId("service");
const route = () => ({ id: newId("route"), host: "127.0.0.1", port: Number(upstreamPort), isNew: false });
const row = {
  id: serviceId,
  status: "HEALTHY",
  openToPublic: false,
  endpoint: "http://service.test",
  endpointPort: null,
  endpointHost: "127.0.0.1",
  routes: [route(), route()],
  newWeight: null,
  holdUntil: null,
  readAt: new Date(),
  drainingRoutes: [],
  revokedTokens: [],
  tokenLimits: [],
} as const;
await serving.apply(buildRouteTable([row], performance.now()));
const claims = { tokenId: newId("token"), serviceId, issuedAt: new Date(), expiresAt: new Date(Date.now() + 3_600_000) };
const token = signToken(claims, openSigningKey(keyRow, "secret"));
process.stdout.write(`${JSON.stringify({ token, publicKey: keyRow.publicKey })}\n`);
process.once("SIGTERM", () => process.exit(0));
