/** Serai's gateway as it serves: token check, balancing over two routes, limits and metrics are on; the table is given. */
import { newKeyRow, openSigningKey } from "../../server/auth/keys.ts";
import { createVerifier, publicKeysOf } from "../../server/auth/verifier.ts";
import { signToken } from "../../server/auth/sign.ts";
import { createFigures } from "../../server/gateway/figures.ts";
import { buildRouteTable } from "../../server/gateway/route-table.ts";
import { serveGateway } from "../../server/gateway/serve.ts";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { defaultTrafficPolicy } from "../../server/model/traffic-policy.ts";

const [upstreamPort = "", port = "0"] = process.argv.slice(2);
const keyRow = newKeyRow("key-1", "secret");
const serving = await serveGateway({
  host: "127.0.0.1",
  port: Number(port),
  verifier: await createVerifier(async () => publicKeysOf([keyRow])),
  log: silentLog,
  figures: createFigures(),
  onTokenUsed: () => {},
  onIdle: () => {},
  lookAfresh: async () => {},
  isStale: () => false,
});
const serviceId = newId("service");
const route = () => ({ id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: Number(upstreamPort), isNew: false });
const row = {
  id: serviceId,
  status: "HEALTHY",
  name: "service",
  aliases: [],
  allowedOrigins: [],
  createdAtSeconds: 0,
  openToPublic: false,
  endpoint: "http://service.test",
  endpointPort: null,
  endpointHost: "127.0.0.1",
  routes: [route(), route()],
  healthChecks: {},
  newWeight: null,
  holdUntil: null,
  expectedAt: null,
  readAt: new Date(),
  drainingRoutes: [],
  revokedTokens: [],
  traffic: defaultTrafficPolicy,
  tokenLimits: [],
} as const;
await serving.apply(buildRouteTable([row], performance.now()));
const claims = { tokenId: newId("token"), serviceId, issuedAt: new Date(), expiresAt: new Date(Date.now() + 3_600_000) };
const token = signToken(claims, openSigningKey(keyRow, "secret"));
process.stdout.write(`${JSON.stringify({ token, publicKey: keyRow.publicKey })}\n`);
process.once("SIGTERM", () => process.exit(0));
