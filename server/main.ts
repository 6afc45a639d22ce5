/**
 * Opens everything, wires it by role, serves until a signal, and closes in reverse order.
 *
 * SIGINT, SIGTERM and SIGHUP drain: the gateway takes nothing new and lets requests finish for up to 10 s, then control lets go of
 * its leases, the local scheduler ends its processes (sessions on Nomad go on), and the embedded PostgreSQL is stopped last.
 * A second signal skips the waiting. Nothing here is needed after a `kill -9`: the next start adopts or clears what is left.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { openApi } from "./api/api.ts";
import { openSigner, openVerifier } from "./auth/keys.ts";
import { readConfig, type Config } from "./config.ts";
import { openControl } from "./control/loop.ts";
import { openDataDirectory } from "./data-directory.ts";
import { AppError, messageOf } from "./failure.ts";
import { seedFirstStart } from "./first-start.ts";
import { openFolders } from "./folders/folders.ts";
import { openGateway } from "./gateway/gateway.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { openLocalScheduler } from "./scheduler/local/local-scheduler.ts";
import { openNomadScheduler } from "./scheduler/nomad/nomad-scheduler.ts";
import { openChanges } from "./store/changes.ts";
import { checkDatabase, createDatabase, migrate, openDatabase } from "./store/database.ts";
import { openEmbeddedPostgres } from "./store/embedded-postgres.ts";
import { ensureInstallation } from "./store/installation.ts";
import { releaseAllLeases } from "./store/leases.ts";
import { whenAskedToStop } from "./stop-signals.ts";
import { welcome } from "./welcome.ts";

const drainMs = 8000;
const clientDirectory = fileURLToPath(new URL("../client/dist", import.meta.url));
const examplesDirectory = fileURLToPath(new URL("../examples", import.meta.url));

async function serve(config: Config): Promise<void> {
  const stopping = whenAskedToStop();
  const log = createLog(config.logLevel);
  const metrics = createMetrics();
  await using opened = new AsyncDisposableStack();

  const isAlone = config.databaseUrl === null || config.nomad === null;
  const data = opened.adopt(openDataDirectory(config.dataDirectory, isAlone), (directory) => directory[Symbol.dispose]());
  const adminToken = config.adminToken ?? data.secret("admin-token");
  const secret = config.secret ?? data.secret("secret");

  let databaseUrl = config.databaseUrl;
  if (databaseUrl === null) {
    const postgres = opened.use(await openEmbeddedPostgres(`${config.dataDirectory}/postgres`));
    await createDatabase(postgres.url, "serai");
    databaseUrl = postgres.urlOf("serai");
  }
  const database = opened.use(openDatabase(databaseUrl));
  await checkDatabase(database);
  await migrate(databaseUrl);
  if (config.databaseUrl === null) await releaseAllLeases(database);
  const { installationId, fresh } = await ensureInstallation(database, { adminToken });

  const signer = await openSigner(database, secret);
  const changes = opened.use(await openChanges(database, log));
  metrics.figure("serai_changes_corrections", "Changes that the timer noticed and no notification told.", () => changes.corrections);
  const folders = openFolders({ directory: config.foldersDirectory });

  let drainGateway = async (_deadlineMs: number): Promise<void> => {};
  if (config.roles.has("gateway")) {
    const gateway = opened.use(
      await openGateway({ database, changes, verifier: await openVerifier(database), host: config.host, port: config.gatewayPort, log, metrics }),
    );
    drainGateway = gateway.drain;
  }

  const needsScheduler = config.roles.has("control") || config.roles.has("api");
  const scheduler = needsScheduler
    ? opened.use(
        config.nomad === null
          ? await openLocalScheduler({ directory: `${config.dataDirectory}/sessions`, log })
          : await openNomadScheduler({ ...config.nomad, installationId, log }),
      )
    : null;
  if (scheduler !== null && config.roles.has("control")) {
    const holder = `${hostname()}:${process.pid}:${randomUUID()}`;
    const control = opened.use(await openControl({ database, changes, scheduler, folderPath: folders.pathOf, holder, log }));
    metrics.figure("serai_control_corrections", "Services in which the timer found something to do.", () => control.corrections);
  }
  if (scheduler !== null && config.roles.has("api")) {
    await seedFirstStart({ database, folders, scheduler, endpoint: config.endpoint, examplesDirectory, withExample: config.examples && fresh, log });
    const api = opened.use(
      await openApi({
        database,
        changes,
        folders,
        signer,
        observe: { nodes: () => scheduler.nodes() },
        endpoint: config.endpoint,
        host: config.host,
        port: config.port,
        clientDirectory,
        log,
        metrics,
        secret,
      }),
    );
    await welcome({ config, port: api.port, adminToken, database });
  } else {
    process.stdout.write(`Serai is up: ${[...config.roles].join(", ")}.\n`);
  }

  const signal = await stopping.asked;
  process.stdout.write(`\n${signal}: finishing what is under way (at most 10 s; once more to end at once) …\n`);
  await Promise.race([drainGateway(drainMs), stopping.askedAgain]);
}

try {
  await serve(readConfig(process.env));
  process.exitCode = 0;
} catch (thrown) {
  const plain = thrown instanceof AppError ? thrown.message : thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  process.stderr.write(`Serai could not start. ${plain}\n`);
  process.exitCode = 1;
}
