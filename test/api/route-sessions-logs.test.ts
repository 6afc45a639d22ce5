/** The log of a route is that of all its sessions: where it begins, how it goes on, and where it ends. */
import { expect, test } from "vitest";
import { AppError } from "../../server/failure.ts";
import { newId, type SessionId } from "../../server/model/ids.ts";
import type { LogChunk, LogQuery } from "../../server/model/logs.ts";
import { addRoute, chunk, download, endRoute, logsQuery, withRoute } from "../support/route-logs.ts";

test("a route that is started anew goes on in the log of its next session, and is read from the first that is kept", async () => {
  const said = new Map<SessionId, string>();
  // oxlint-disable-next-line require-await
  async function* logs(id: SessionId): AsyncGenerator<LogChunk> {
    if (!said.has(id)) throw new AppError("LOG_NOT_KEPT", "it was cleared away", { publicMessage: "Nothing is kept." });
    yield chunk("1", 0, said.get(id) ?? "");
  }
  const { api, route } = await withRoute(logs);
  await using _ = api;
  const [forgotten, next] = [newId("session"), newId("session")];
  said.set(route.sessionId, "first\n").set(next, "second\n");
  await using live = api.subscribe(logsQuery, { id: route.id });
  expect(await live.next()).toMatchObject({ logs: { attempt: `${route.sessionId}.1`, text: "first\n" } });
  await api.database.sql`
    update routes set session_id = ${next}, earlier_sessions = array[${forgotten}, ${route.sessionId}] where id = ${route.id}`;
  expect(await live.next()).toMatchObject({ logs: { attempt: `${next}.1`, text: "second\n" } });
  expect(await (await download(api, route.id)).text()).toBe("first\nsecond\n");
  expect(await (await download(api, `${route.id}?attempt=${next}.1`)).text()).toBe("second\n");
  await endRoute(api, route.id);
  expect(await live.next()).toBeNull();
  said.clear();
  await using later = api.subscribe(logsQuery, { id: route.id });
  await expect(later.next()).rejects.toMatchObject([{ message: "Nothing is kept.", extensions: { code: "LOG_NOT_KEPT" } }]);
  expect((await download(api, route.id)).status).toBe(410);
});

/** One that throws where it has nothing of a session, and waits for it where it is followed, as schedulers do. */
function keeping(said: ReadonlyMap<SessionId, readonly LogChunk[]>) {
  const seen = { waiting: 0 };
  async function* logs(id: SessionId, { follow, attempt, offset, signal }: LogQuery): AsyncGenerator<LogChunk> {
    const chunks = said.get(id);
    if (chunks === undefined && !follow) throw new AppError("LOG_NOT_KEPT", "it was cleared away", { publicMessage: "Nothing is kept." });
    yield* chunks?.filter((one) => one.attempt !== attempt || one.offset >= offset) ?? [];
    if (!follow) return;
    seen.waiting += 1;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    seen.waiting -= 1;
  }
  return { seen, logs };
}

test("the newest of a route that has ended is what its last session wrote that wrote anything, whatever is left of those after it", async () => {
  const said = new Map<SessionId, readonly LogChunk[]>();
  const { api, route } = await withRoute(keeping(said).logs);
  await using _ = api;
  const [older, newer, silent] = [newId("session"), newId("session"), newId("session")];
  said
    .set(older, [chunk("1", 0, "older\n")])
    .set(newer, [chunk("1", 0, "newer\n")])
    .set(silent, []);
  await api.database.sql`update routes set earlier_sessions = array[${older}, ${newer}, ${silent}] where id = ${route.id}`;
  await endRoute(api, route.id);
  const read = async (): Promise<unknown> => {
    await using live = api.subscribe(logsQuery, { id: route.id, tailBytes: 1000 });
    const first = await live.next();
    if (first !== null) expect(await live.next()).toBeNull();
    return first;
  };
  expect(await read()).toEqual({ logs: { attempt: `${newer}.1`, offset: 0, nextOffset: 6, text: "newer\n" } });
  said.delete(newer);
  expect(await read()).toMatchObject({ logs: { attempt: `${older}.1`, text: "older\n" } });
  said.delete(older);
  // Of one it is known that it wrote nothing.
  expect(await read()).toBeNull();
  said.delete(silent);
  await expect(read()).rejects.toMatchObject([{ extensions: { code: "LOG_NOT_KEPT" } }]);
});

test("whoever follows a session that never comes is led on to the next one, and to the end with the route, or with its row", async () => {
  const said = new Map<SessionId, readonly LogChunk[]>();
  const { seen, logs } = keeping(said);
  const { api, route, serviceId } = await withRoute(logs);
  await using _ = api;
  const other = await addRoute(api, serviceId);
  said.set(other.sessionId, [chunk("1", 0, "other\n")]);
  await using live = api.subscribe(logsQuery, { id: route.id });
  await using otherLive = api.subscribe(logsQuery, { id: other.id });
  const coming = live.next();
  expect(await otherLive.next()).toMatchObject({ logs: { text: "other\n" } });
  await expect.poll(() => seen.waiting).toBe(2);
  const next = newId("session");
  said.set(next, [chunk("1", 0, "next\n")]);
  await api.database.sql`update routes set session_id = ${next}, earlier_sessions = array[${route.sessionId}] where id = ${route.id}`;
  expect(await coming).toMatchObject({ logs: { attempt: `${next}.1`, text: "next\n" } });
  await endRoute(api, route.id);
  expect(await live.next()).toBeNull();
  await api.database.sql`delete from routes where id = ${other.id}`;
  expect(await otherLive.next()).toBeNull();
  expect(seen.waiting).toBe(0);
});

test("what a session wrote last is read though its end is known before", async () => {
  const ending = Promise.withResolvers<void>();
  // oxlint-disable-next-line require-yield
  const { api, route } = await withRoute(async function* (_id, { follow, attempt, offset, signal }) {
    if (!follow) return yield chunk(attempt ?? "none", offset, "last words\n");
    yield chunk("7", 0, "first words\n");
    ending.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  });
  await using _ = api;
  await using live = api.subscribe(logsQuery, { id: route.id });
  expect(await live.next()).toMatchObject({ logs: { text: "first words\n" } });
  await ending.promise;
  await endRoute(api, route.id);
  expect(await live.next()).toMatchObject({ logs: { attempt: `${route.sessionId}.7`, offset: 12, text: "last words\n" } });
  expect(await live.next()).toBeNull();
});
