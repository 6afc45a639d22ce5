/** A token for trying a service out from the console. All that is stored is that somebody asked for it, so nobody can revoke it. */
import { newId, type ServiceId, type TokenId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import type { Who } from "./current-revision.ts";
import { inTransaction, type Database } from "./database.ts";
import { insertUserEvent } from "./route-events.ts";
import { lockService } from "./services.ts";

/** @returns the id of the token that may be signed now. */
export function recordTrialToken(database: Database, who: Who, serviceId: ServiceId, minutes: number): Promise<Outcome<TokenId>> {
  return inTransaction(database, async (tx) => {
    const service = await lockService(tx, who.projectId, serviceId);
    if (service === null) return notFound(`service ${serviceId}`);
    if (service.terminatingAt !== null) return conflict(`The service ${service.name} is being terminated: there is nothing left to try.`);
    const message = `Tried out from the console, with a token for ${minutes} minutes.`;
    await insertUserEvent(tx, { serviceId, userId: who.userId, kind: "TRIAL_TOKEN_CREATED", message });
    return done(newId("token"));
  });
}
