/** An installation of several Serai processes: one database, one Nomad, one secret, folders that all of them see. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../server/store/database.ts";
import { graphqlOf, type GraphQL } from "../support/graphql.ts";
import { startNomad, type Nomad, type NomadOptions } from "../support/nomad.ts";
import { startSerai, type Serai } from "../support/serai.ts";

export type Installation = {
  readonly database: Database;
  readonly nomad: Nomad;
  /** Another process with these roles, ended with the installation, also while it is frozen. */
  start(roles: string): Promise<Serai>;
  /** Of a process that has the role `api`. */
  graphql(serai: Serai): GraphQL;
} & AsyncDisposable;

/**
 * @param databaseUrl what Serai is given to reach the database by.
 * @param cluster one that is there already, which others may use as well, or what to start one with.
 */
export async function openInstallation(
  database: Database,
  databaseUrl: string = database.url,
  cluster: NomadOptions | Nomad = {},
): Promise<Installation> {
  await using opened = new AsyncDisposableStack();
  const folders = await mkdtemp(join(tmpdir(), "serai-shared-"));
  opened.defer(() => rm(folders, { recursive: true, force: true, maxRetries: 5 }));
  const nomad = "address" in cluster ? cluster : opened.use(await startNomad(cluster));
  const env = {
    DATABASE_URL: databaseUrl,
    NOMAD_ADDR: nomad.addresses.join(","),
    SERAI_FOLDERS: folders,
    SERAI_SECRET: "one-secret-for-all-processes",
    SERAI_ADMIN_TOKEN: "one-token-for-all-processes",
    SERAI_EXAMPLES: "0",
  };
  const lifetime = opened.move();
  return {
    database,
    nomad,
    async start(roles) {
      const serai = lifetime.use(await startSerai({ env: { ...env, SERAI_ROLES: roles } }));
      lifetime.defer(() => void serai.process.kill("SIGCONT"));
      return serai;
    },
    graphql: (serai) => lifetime.use(graphqlOf(serai)),
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

export type ShardLease = { readonly pid: number; readonly epoch: number; readonly isHeld: boolean };

/** Who controls a service, as the lease of its shard says. */
export async function leaseOf(database: Database, serviceId: string): Promise<ShardLease> {
  const [row] = await database.sql<{ holder: string; epoch: string; held: boolean }[]>`
    select holder, epoch, until > now() as held from leases join services on services.shard = leases.shard where services.id = ${serviceId}`;
  return { pid: Number(row?.holder.split(":")[1]), epoch: Number(row?.epoch), isHeld: row?.held === true };
}

/** How many shards each living control process holds, and the sum of their epochs: it grows with every shard that moves. */
export async function sharesOf(
  database: Database,
): Promise<readonly { readonly holder: string; readonly number: number; readonly epochs: string }[]> {
  return database.sql<{ holder: string; number: number; epochs: string }[]>`
    select holder, count(*)::int as number, sum(epoch)::text as epochs from leases where until > now() group by holder order by holder`;
}

/** Everything that is written of a service and its routes, and how long their history is. */
export async function rowsOf(database: Database, serviceId: string): Promise<readonly string[]> {
  const rows = await database.sql<{ row: string }[]>`
    select to_jsonb(routes)::text as row from routes where service_id = ${serviceId}
    union all select to_jsonb(services)::text from services where id = ${serviceId}
    union all select 'events ' || count(*) || ' ' || coalesce(max(id), 0) from route_events where service_id = ${serviceId}
    order by row`;
  return rows.map(({ row }) => row);
}
