/** The log of a route, as it is shown: found within the viewer's project, as text, and without the values of the secrets that its session was given. */
import { AppError } from "../server/failure.ts";
import type { ProjectId, SessionId } from "../server/model/ids.ts";
import { asId } from "../server/model/ids.ts";
import { createLogReader, type LogText } from "../server/model/log-text.ts";
import type { LogChunk, LogQuery } from "../server/model/logs.ts";
import { partsMaskOf, type PartsMask } from "../server/model/mask.ts";
import { findRouteOfLog, type RouteOfLog } from "../server/store/route-reads.ts";
import type { Ports } from "./context.ts";
import { readThroughOutages } from "./live.ts";

export type RouteLog = RouteOfLog & { readonly projectId: ProjectId; readonly mask: PartsMask };
type LogPorts = Pick<Ports, "changes" | "database" | "log" | "observe">;

export async function findLog(
  { database, variableSecrets }: Pick<Ports, "database" | "variableSecrets">,
  projectId: ProjectId,
  routeId: string,
): Promise<RouteLog | null> {
  const id = asId("route", routeId);
  const route = id === null ? null : await findRouteOfLog(database, projectId, id);
  if (route === null) return null;
  const secrets = await Promise.all(
    route.variables.map(async (one) => {
      const value = "encrypted" in one ? await variableSecrets.decrypt(projectId, one.name, one.encrypted) : null;
      return value === null ? [] : [{ name: one.name, value }];
    }),
  );
  return { ...route, projectId, mask: partsMaskOf(secrets.flat()) };
}

type Place = Pick<LogQuery, "attempt" | "offset" | "tailBytes">;

/** No attempt is called so: all that there is. */
const whole: Place = { attempt: "oldest", offset: 0, tailBytes: null };

/**
 * What the sessions of a route wrote, one after the other: it has another one whenever it is started anew. An attempt is called by its
 * session and by what the scheduler calls it, `ses_….2`. Where the newest is asked for, of a route that has ended it is that of the newest
 * session that has something.
 *
 * Asks for no more than is taken: whoever reads slowly is waited for. Of a route that has ended nothing more comes, and AppError LOG_NOT_KEPT
 * where nothing is left; one that lives may only not have begun.
 */
export async function* readLog(ports: LogPorts, log: RouteLog, query: LogQuery): AsyncGenerator<LogText> {
  const { signal } = query;
  const reader = createLogReader(log.mask);
  let route: RouteOfLog = log;
  let { sessionId, place } = beginningIn(log, query);
  const beginning = place;
  let notKept: AppError | null = null;
  let isKept = false;
  let hasText = false;

  async function* take(id: SessionId, chunks: AsyncIterable<LogChunk>): AsyncGenerator<LogText> {
    for await (const chunk of chunks) {
      hasText = true;
      place = { attempt: chunk.attempt, offset: chunk.offset + chunk.bytes.length, tailBytes: null };
      yield* reader.read({ ...chunk, attempt: `${id}.${chunk.attempt}` });
    }
  }
  async function* readKept(id: SessionId): AsyncGenerator<LogText> {
    try {
      yield* take(id, ports.observe.logs(id, { ...query, ...place, follow: false }));
      isKept = true;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "LOG_NOT_KEPT") throw thrown;
      notKept = thrown;
    }
  }

  while (!signal.aborted) {
    if (query.follow && route.terminatedAt === null && sessionId === route.sessionId) {
      using renewal = watchRenewal(ports, { ...log, sessionId }, signal);
      yield* take(sessionId, ports.observe.logs(sessionId, { ...query, ...place, follow: true, signal: renewal.signal }));
      const isBrokenOff = renewal.signal.aborted;
      route = await renewal.route;
      // What it wrote last may not have been read yet: the rest of what is kept.
      if (isBrokenOff) continue;
      isKept = true;
    } else yield* readKept(sessionId);
    const next = sessionAfter(sessionId, route);
    if (next === undefined) break;
    sessionId = next;
    place = whole;
  }
  if (query.attempt === null && route.terminatedAt !== null) {
    for (const id of route.earlierSessions.toReversed()) {
      if (hasText || signal.aborted) break;
      place = beginning;
      yield* readKept(id);
    }
  }
  if (signal.aborted) return;
  yield* reader.end();
  if (notKept !== null && !isKept && route.terminatedAt !== null) throw notKept;
}

type Renewal = Disposable & {
  readonly route: Promise<RouteOfLog>;
  /** Aborted when it has another session, or has ended: for one that was never submitted a scheduler would wait for ever. */
  readonly signal: AbortSignal;
};

function watchRenewal(ports: LogPorts, route: RouteLog, signal: AbortSignal): Renewal {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const renewed = untilRenewed(ports, route, until).finally(() => over.abort());
  // Who leaves before does not wait for it.
  renewed.catch(() => {});
  return { route: renewed, signal: until, [Symbol.dispose]: () => over.abort() };
}

/** Until it has another session than this, or has ended, as one has that is not there any more. */
async function untilRenewed(ports: LogPorts, route: RouteLog, signal: AbortSignal): Promise<RouteOfLog> {
  const wakes = ports.changes.subscribe(signal);
  const read = async (): Promise<RouteOfLog> => {
    const row = await readThroughOutages(() => findRouteOfLog(ports.database, route.projectId, route.id), ports, signal);
    return row ?? { ...route, terminatedAt: new Date() };
  };
  const isSo = ({ sessionId, terminatedAt }: RouteOfLog): boolean => sessionId !== route.sessionId || terminatedAt !== null;
  let now = await read();
  if (isSo(now)) return now;
  for await (const wake of wakes) {
    if (wake !== "everything" && !wake.has(`service:${route.serviceId}`)) continue;
    now = await read();
    if (isSo(now)) return now;
  }
  return now;
}

const sessionsOf = ({ earlierSessions, sessionId }: RouteOfLog): readonly SessionId[] => [...earlierSessions, sessionId];

/** One that has been forgotten meanwhile came before all others. */
function sessionAfter(id: SessionId, route: RouteOfLog): SessionId | undefined {
  const sessions = sessionsOf(route);
  return sessions[sessions.indexOf(id) + 1];
}

function beginningIn(route: RouteOfLog, { attempt, offset, tailBytes }: LogQuery): { sessionId: SessionId; place: Place } {
  if (attempt === null) return { sessionId: route.sessionId, place: { attempt, offset, tailBytes } };
  const sessions = sessionsOf(route);
  const named = sessions.find((id) => attempt.startsWith(`${id}.`));
  if (named === undefined) return { sessionId: sessions[0] ?? route.sessionId, place: { ...whole, tailBytes } };
  return { sessionId: named, place: { attempt: attempt.slice(named.length + 1), offset, tailBytes } };
}
