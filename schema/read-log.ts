/** The log of a route, as it is shown: found within the viewer's project, as text, and without the values of the secrets that its session was given. */
import { AppError } from "../server/failure.ts";
import type { ProjectId } from "../server/model/ids.ts";
import { asId } from "../server/model/ids.ts";
import { createLogReader, type LogText } from "../server/model/log-text.ts";
import type { LogQuery } from "../server/model/logs.ts";
import { partsMaskOf, type PartsMask } from "../server/model/mask.ts";
import { findRouteOfLog, type RouteOfLog } from "../server/store/route-reads.ts";
import type { Ports } from "./context.ts";

export type RouteLog = RouteOfLog & { readonly mask: PartsMask };

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
  return { ...route, mask: partsMaskOf(secrets.flat()) };
}

/**
 * Asks for no more than is taken: whoever reads slowly is waited for. Of a route that has ended nothing more comes, and AppError LOG_NOT_KEPT
 * where nothing is left; one that lives may only not have begun.
 */
export async function* readLog(observe: Ports["observe"], { sessionId, terminatedAt, mask }: RouteLog, query: LogQuery): AsyncGenerator<LogText> {
  const reader = createLogReader(mask);
  const hasEnded = terminatedAt !== null;
  try {
    for await (const chunk of observe.logs(sessionId, { ...query, follow: query.follow && !hasEnded })) yield* reader.read(chunk);
  } catch (thrown) {
    if (hasEnded || !(thrown instanceof AppError) || thrown.code !== "LOG_NOT_KEPT") throw thrown;
  }
  if (!query.signal.aborted) yield* reader.end();
}
