/** A real database with one private service in it, and gateways on it. */
import { onTestFinished } from "vitest";
import { openSigner, openVerifier } from "../../server/auth/keys.ts";
import { openGateway } from "../../server/gateway/gateway.ts";
import { gatewayStoreOf } from "../../server/gateway/gateway-store.ts";
import { silentLog } from "../../server/log.ts";
import { newId, type RouteId, type ServiceId } from "../../server/model/ids.ts";
import type { ModelDefinition } from "../../server/model/model-definition.ts";
import type { RouteStatus } from "../../server/model/route-status.ts";
import { openChanges } from "../../server/store/changes.ts";
import type { Database } from "../../server/store/database.ts";
import { testDatabase } from "../support/database.ts";
import { type Model, startModel } from "./world.ts";

/** A migrated database with one private service, `service.test`, in it. */
export async function openInstallation() {
  const closing = new AsyncDisposableStack();
  onTestFinished(() => closing.disposeAsync());
  const database = closing.use(await testDatabase());
  const serviceId = newId("service");
  await insertService(database, serviceId);
  const signer = await openSigner(database, "secret");
  const changes = closing.use(await openChanges(database, silentLog));
  const openOne = async () => {
    const options = { store: gatewayStoreOf(database), changes, verifier: await openVerifier(database), host: "127.0.0.1", port: 0, log: silentLog };
    return closing.use(await openGateway(options));
  };
  return { database, serviceId, signer, openOne, model: closing.use(await startModel()) };
}

async function insertService({ sql }: Database, serviceId: ServiceId): Promise<void> {
  const [project, user, folder] = [newId("project"), newId("user"), newId("folder")];
  const [environment, group, revision] = [newId("environment"), newId("resourceGroup"), newId("revision")];
  await sql.begin(async (tx) => {
    await tx`insert into projects (id, name) values (${project}, 'p')`;
    await tx`insert into users (id, name, project_id, role, token_hash) values (${user}, 'u', ${project}, 'ADMIN', 'x')`;
    await tx`insert into folders (id, project_id, created_by, name, usage) values (${folder}, ${project}, ${user}, 'f', 'MODEL')`;
    await tx`insert into environments (id, runtime, kind) values (${environment}, 'e', 'HOST')`;
    await tx`insert into resource_groups (id, name, node_pool) values (${group}, 'g', 'default')`;
    await tx`
      insert into services (id, project_id, created_by, name, shard, open_to_public, desired_route_count, endpoint_host, endpoint, status, status_reason)
      values (${serviceId}, ${project}, ${user}, 's', 0, false, 1, 'service.test', 'http://service.test', 'PROVISIONING', '')`;
    await tx`
      insert into revisions (id, service_id, number, folder_id, environment_id, resource_group_id, resources, definition_problems, created_by)
      values (${revision}, ${serviceId}, 1, ${folder}, ${environment}, ${group}, '{}', '[{}]', ${user})`;
    await tx`update services set revision_id = ${revision} where id = ${serviceId}`;
  });
}

export async function insertRoute({ sql }: Database, serviceId: ServiceId, { route }: Pick<Model, "route">, status: RouteStatus): Promise<void> {
  await sql`
    insert into routes (id, service_id, revision_id, session_id, status, host, port)
    select ${route.id}, id, revision_id, ${newId("session")}, ${status}, ${route.host}, ${route.port} from services where id = ${serviceId}`;
}

export const setStatus = ({ sql }: Database, id: RouteId, status: RouteStatus) => sql`update routes set status = ${status} where id = ${id}`;

export async function createToken({ sql }: Database, serviceId: ServiceId) {
  const id = newId("token");
  await sql`
    insert into tokens (id, service_id, project_id, created_by, name)
    select ${id}, id, project_id, created_by, 't' from services where id = ${serviceId}`;
  return id;
}

/** A revision like the service's first, with the next number. */
export async function insertRevision({ sql }: Database, serviceId: ServiceId, definition: ModelDefinition | null = null) {
  const id = newId("revision");
  const problems = definition === null ? "[{}]" : "[]";
  await sql`
    insert into revisions (id, service_id, number, folder_id, environment_id, resource_group_id, resources, definition, definition_problems, created_by)
    select ${id}, service_id, (select max(number) + 1 from revisions where service_id = ${serviceId}), folder_id, environment_id, resource_group_id,
      resources, ${definition === null ? null : JSON.stringify(definition)}::text::jsonb, ${problems}::text::jsonb, created_by
    from revisions where service_id = ${serviceId} and number = 1`;
  return id;
}

/** From the service's revision to that one, first with 10 and then with 50 per cent of the requests. */
export async function insertRollout({ sql }: Database, serviceId: ServiceId, toRevisionId: string) {
  const id = newId("rollout");
  const steps = [10, 50].map((weight) => ({ weight, holdSeconds: 300 }));
  await sql`
    insert into rollouts (id, service_id, kind, from_revision_id, to_revision_id, policy, created_by)
    select ${id}, id, 'MODIFY', revision_id, ${toRevisionId}, ${JSON.stringify({ steps })}::text::jsonb, created_by from services where id = ${serviceId}`;
  return id;
}
