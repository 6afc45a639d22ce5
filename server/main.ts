/**
 * Opens everything, wires it by role, serves until a signal, and closes in reverse order.
 *
 * SIGINT, SIGTERM and SIGHUP drain: the gateway takes nothing new and lets requests finish for up to 10 s, then control lets go of
 * its leases, the local scheduler ends its processes (sessions on Nomad go on), and the embedded PostgreSQL is stopped last.
 * What only some roles need is imported where they begin: a process that is a gateway and nothing else takes half the memory.
 * A second signal skips the waiting. Nothing here is needed after a `kill -9`: the next start adopts or clears what is left.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openSigner, openVerifier } from "./auth/keys.ts";
import { createVariableSecrets } from "./auth/variable-secrets.ts";
import { readConfig, type Config } from "./config.ts";
import { openDataDirectory } from "./data-directory.ts";
import { AppError, messageOf } from "./failure.ts";
import { logAccess } from "./gateway/access-log.ts";
import { inRanges } from "./gateway/address-ranges.ts";
import { openCertificates } from "./gateway/certificates.ts";
import { gatewayStoreOf } from "./gateway/gateway-store.ts";
import { readSavedTable } from "./gateway/saved-table.ts";
import { createAccessLog, createLog, type Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { openMetricsListener } from "./metrics-listener.ts";
import type { Observe } from "./model/observe.ts";
import { foldersMark } from "./scheduler/nomad/folder-check-job.ts";
import { nomadPages } from "./scheduler/nomad/pages.ts";
import type { Scheduler } from "./scheduler/scheduler.ts";
import { openChanges } from "./store/changes.ts";
import { checkDatabase, createDatabase, migrate, openDatabase } from "./store/database.ts";
import { answeredWithin } from "./store/deadline.ts";
import { ensureInstallation } from "./store/installation.ts";
import { releaseAllLeases } from "./store/leases.ts";
import { whenAskedToStop } from "./stop-signals.ts";
import { welcome } from "./welcome.ts";

const drainMs = 8000;
const databaseAnswersMs = 3000;
const askAgainMs = 1000;
const insistMs = 5000;
const clientDirectory = fileURLToPath(new URL("../client/dist", import.meta.url));
const examplesDirectory = fileURLToPath(new URL("../examples", import.meta.url));

async function serve(config: Config): Promise<void> {
  const stopping = whenAskedToStop();
  const log = createLog(config.logLevel);
  const metrics = createMetrics();
  await using opened = new AsyncDisposableStack();
  if (config.metricsAddress !== null) opened.use(await openMetricsListener(config.metricsAddress, metrics));

  const isAlone = config.databaseUrl === null || config.nomad === null;
  const data = opened.adopt(openDataDirectory(config.dataDirectory, isAlone), (directory) => directory[Symbol.dispose]());
  // Only who lets people in needs them: a process without the API makes none that would never be used.
  const letsIn = config.roles.has("api");
  const adminToken = config.adminToken ?? (letsIn ? data.secret("admin-token") : null);
  const admin = adminToken === null ? null : { token: adminToken, chosen: config.adminToken !== null || config.databaseUrl === null };

  let databaseUrl = config.databaseUrl;
  if (databaseUrl === null) {
    const { openEmbeddedPostgres } = await import("./store/embedded-postgres.ts");
    const postgres = opened.use(await openEmbeddedPostgres(`${config.dataDirectory}/postgres`));
    await createDatabase(postgres.url, "serai");
    databaseUrl = postgres.urlOf("serai");
  }
  const database = opened.use(openDatabase(databaseUrl));
  const prepare = async () => {
    await answeredWithin(checkDatabase(database), databaseAnswersMs);
    await migrate(database.url);
    if (config.databaseUrl === null) await releaseAllLeases(database);
    return ensureInstallation(database, admin, config.databaseIdentity);
  };
  // Of a database that others share, a gateway can do without for a while: it serves what it knew last.
  const tablePath = join(config.dataDirectory, "route-table.json");
  const saved = config.roles.has("gateway") && config.nomad !== null && config.databaseUrl !== null ? await readSavedTable(tablePath, log) : null;
  let installation = await prepare().catch((thrown: unknown) => {
    if (saved === null || !isUnavailable(thrown)) throw thrown;
    log.warn({ reason: messageOf(thrown) }, `the database cannot be reached; endpoints are served as of ${saved.trueAt.toISOString()}`);
    return null;
  });

  const changes = opened.use(await openChanges(database, log, { patient: installation === null }));
  metrics.figure("serai_changes_corrections", "Changes that the timer noticed and no notification told.", () => changes.corrections);
  let drainGateway = async (_deadlineMs: number): Promise<void> => {};
  const serveEndpoints = async (): Promise<void> => {
    if (!config.roles.has("gateway")) return;
    const { tls, staleMaxMs, trustedProxies, processes, accessLogShare } = config.gateway;
    const { consoleOrigins, endpoint } = config;
    const settings = { host: config.host, port: config.gatewayPort, staleMaxMs, consoleOrigins, urlTemplate: endpoint.urlTemplate };
    const certificates = tls === null ? null : opened.use(await openCertificates(tls, log));
    const known = installation === null ? saved : null;
    const common = { store: gatewayStoreOf(database), changes, certificates, tablePath: config.nomad === null ? null : tablePath, saved: known, log };
    if (processes === 1) {
      const { measureGateway, openGateway } = await import("./gateway/gateway.ts");
      const verifier = await openVerifier(database, known?.keys);
      const onEnd = accessLogShare === null ? null : logAccess(opened.use(createAccessLog()).log, accessLogShare);
      const clients = { trustedProxies: inRanges(trustedProxies) };
      const gateway = opened.use(await openGateway({ ...common, ...settings, ...clients, verifier, onEnd }));
      drainGateway = gateway.drain;
      measureGateway(metrics, gateway);
      return;
    }
    const { openGatewayProcesses } = await import("./gateway/processes.ts");
    const gateways = opened.use(
      await openGatewayProcesses({
        ...common,
        count: processes,
        settings: { ...settings, trustedProxies, accessLogShare, logLevel: config.logLevel, drainMs },
      }),
    );
    drainGateway = gateways.drain;
    metrics.include(gateways.measure);
  };
  // Sessions on Nomad went on while Serai was away: they are served at once. Local ones may have ended, and others may
  // listen at their ports now: they are looked at first.
  if (config.nomad !== null) await serveEndpoints();
  if (installation === null) {
    process.stdout.write("Serai is up: gateway, with what it knew last. The rest follows when the database answers.\n");
    installation = await untilItAnswers(prepare, stopping.asked);
  }
  const mark = config.nomad === null || installation === null ? null : foldersMark(installation.installationId);
  const scheduler =
    installation !== null && (config.roles.has("control") || config.roles.has("api"))
      ? opened.use(await openScheduler(config, installation.installationId, log))
      : null;
  const folders =
    scheduler === null ? null : (await import("./folders/folders.ts")).openFolders({ directory: config.foldersDirectory, database, mark });
  if (scheduler !== null && folders !== null && config.roles.has("control")) {
    const holder = `${hostname()}:${process.pid}:${randomUUID()}`;
    const { decrypt: decryptVariable, decryptPassword } = createVariableSecrets(() => config.secret ?? data.secret("secret"));
    const folderPath = folders.pathOf;
    const [{ openControl }, { openHistorySweep }] = await Promise.all([import("./control/loop.ts"), import("./control/history-sweep.ts")]);
    const control = opened.use(await openControl({ database, changes, scheduler, folderPath, decryptVariable, decryptPassword, holder, log }));
    opened.use(openHistorySweep({ database, trafficDays: config.trafficDays, log }));
    metrics.figure("serai_control_corrections", "Services in which the timer found something to do.", () => control.corrections);
    if (config.nomad === null) await control.firstPass;
  }
  if (config.nomad === null) await serveEndpoints();

  if (scheduler !== null && folders !== null && installation !== null && admin !== null && letsIn) {
    const { endpoint, host, port } = config;
    const secret = config.secret ?? data.secret("secret");
    const signer = await openSigner(database, secret);
    const [{ openApi }, { openFirstStart }] = await Promise.all([import("./api/api.ts"), import("./first-start.ts")]);
    opened.use(await openFirstStart({ database, folders, scheduler, endpoint, examplesDirectory, withExample: config.examples, log }));
    const observe: Observe = {
      nodes: () => scheduler.nodes(),
      preview: (session) => scheduler.preview(session),
      logs: (id, query) => scheduler.logs(id, query),
      ...nomadPages(config.nomad ?? {}, installation.installationId),
    };
    const api = opened.use(
      await openApi({
        database,
        changes,
        folders,
        signer,
        observe,
        checkScheduler: scheduler.check,
        endpoint,
        host,
        port,
        clientDirectory,
        log,
        metrics,
        secret,
      }),
    );
    const [{ openDefinitionWatch }, { openFolderSweep }] = await Promise.all([import("./folders/definition-watch.ts"), import("./folders/sweep.ts")]);
    opened.use(openDefinitionWatch({ database, folders, log }));
    opened.use(openFolderSweep({ database, folders, log }));
    await welcome({ config, port: api.port, adminToken: admin.token, database });
  } else if (installation !== null) {
    process.stdout.write(`Serai is up: ${[...config.roles].join(", ")}.\n`);
  }

  const signal = await stopping.asked;
  process.stdout.write(`\n${signal}: finishing what is under way (at most 10 s; once more to end at once) …\n`);
  await Promise.race([drainGateway(drainMs), stopping.askedAgain]);
  // Whoever insists gets an end, even where something does not close. The next start takes up what is left.
  void stopping.askedAgain.then(() => setTimeout(() => process.exit(130), insistMs).unref());
}

const isUnavailable = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === "DATABASE_UNAVAILABLE";

/** Null where the process is asked to stop before. */
async function untilItAnswers<T>(prepare: () => Promise<T>, asked: Promise<unknown>): Promise<T | null> {
  const stop = new AbortController();
  void asked.then(() => stop.abort());
  while (!stop.signal.aborted) {
    await pause(askAgainMs, undefined, { signal: stop.signal }).catch(() => {});
    const prepared = stop.signal.aborted ? null : await prepare().catch((thrown: unknown) => (isUnavailable(thrown) ? null : Promise.reject(thrown)));
    if (prepared !== null) return prepared;
  }
  return null;
}

async function openScheduler(config: Config, installationId: string, log: Log): Promise<Scheduler> {
  const { nomad, roles, foldersDirectory } = config;
  if (nomad === null) {
    const { openLocalScheduler } = await import("./scheduler/local/local-scheduler.ts");
    return openLocalScheduler({ directory: `${config.dataDirectory}/sessions`, log });
  }
  const { openNomadScheduler } = await import("./scheduler/nomad/nomad-scheduler.ts");
  if (roles.has("api")) await (await import("./folders/mark.ts")).markFolders(foldersDirectory, foldersMark(installationId), log);
  return openNomadScheduler({ ...nomad, installationId, ...(roles.has("control") ? { foldersDirectory } : {}), log });
}

// A terminal that was closed, or a pipe that nobody reads, is no reason to leave sessions and the database behind.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
let exitCode = 0;
try {
  await serve(readConfig(process.env));
  process.stdout.write("Stopped.\n");
} catch (thrown) {
  const plain = thrown instanceof AppError ? thrown.message : thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  process.stderr.write(`Serai could not start. ${plain}\n`);
  exitCode = 1;
}
// Everything is closed. Whatever still holds the event loop must not keep an operator waiting.
process.exit(exitCode);
