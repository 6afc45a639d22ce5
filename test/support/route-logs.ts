/** A route in the tables whose logs a made-up scheduler has, and how they are asked for. */
import type { Ports } from "../../schema/context.ts";
import { newId, type RouteId, type ServiceId, type SessionId } from "../../server/model/ids.ts";
import type { LogChunk } from "../../server/model/logs.ts";
import { adminToken, testApi, type TestApi } from "./api.ts";

export const logsQuery = `subscription ($id: ID!, $stream: LogStream! = STDOUT, $attempt: String, $offset: Float, $tailBytes: Int) {
  logs(routeId: $id, stream: $stream, attempt: $attempt, offset: $offset, tailBytes: $tailBytes) { attempt offset nextOffset text } }`;

export async function addRoute(api: TestApi, serviceId: ServiceId): Promise<{ readonly id: RouteId; readonly sessionId: SessionId }> {
  const [id, sessionId] = [newId("route"), newId("session")];
  await api.database.sql`insert into routes (id, service_id, revision_id, session_id, status)
    select ${id}, id, revision_id, ${sessionId}, 'SCHEDULING' from services where id = ${serviceId}`;
  return { id, sessionId };
}

export const chunk = (attempt: string, offset: number, text: string | Uint8Array): LogChunk => ({
  attempt,
  offset,
  bytes: typeof text === "string" ? Buffer.from(text) : text,
});

export async function withRoute(logs: Ports["observe"]["logs"], service: object = {}) {
  const api = await testApi({ logs });
  const { id } = await api.createService("chat", await api.createFolder("models"), service);
  return { api, serviceId: id, route: await addRoute(api, id) };
}

export const endRoute = (api: TestApi, id: RouteId) =>
  api.database.sql`update routes set status = 'TERMINATED', terminated_at = now() where id = ${id}`;

export const download = (api: TestApi, path: string, init: RequestInit = {}, token = adminToken) =>
  fetch(`${api.url}/logs/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
