/** Keys to private endpoints. The secret is stored nowhere; what a user does with a token is in the service's history. */
import { and, asc, eq, inArray, sql, type InferSelectModel } from "drizzle-orm";
import { tokens } from "../../drizzle/tables/access.ts";
import { newId, type ProjectId, type ServiceId, type TokenId, type UserId } from "../model/ids.ts";
import type { TokenLimits } from "../model/token-limits.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, type Database, type Transaction } from "./database.ts";
import { insertUserEvent } from "./route-events.ts";
import { lockService } from "./services.ts";

export type TokenRow = InferSelectModel<typeof tokens>;
type Who = { readonly projectId: ProjectId; readonly userId: UserId };
export type NewToken = { readonly serviceId: ServiceId; readonly name: string; readonly expiresAt: Date | null } & TokenLimits;
/** What is absent stays. */
export type TokenChange = { readonly [Name in "name" | keyof TokenLimits]?: TokenRow[Name] | undefined };

export function createToken(database: Database, who: Who, wish: NewToken): Promise<Outcome<TokenRow>> {
  return inTransaction(database, async (tx) => {
    const service = await lockService(tx, who.projectId, wish.serviceId);
    if (service === null) return notFound(`service ${wish.serviceId}`);
    if (service.terminatingAt !== null) return conflict(`The service ${service.name} is being terminated: it takes no new tokens.`);
    const owner = { projectId: who.projectId, createdBy: who.userId };
    const [row] = await tx
      .insert(tokens)
      .values({ id: newId("token"), ...owner, ...wish })
      .returning();
    if (row === undefined) throw new Error("an inserted token was not returned");
    const validity = row.expiresAt === null ? "without an expiry" : `valid until ${row.expiresAt.toISOString()}`;
    const limits = row.requestsPerMinute === null && row.concurrentRequests === null ? "" : `, ${limitWords(row)}`;
    const message = `Token ${row.name} created, ${validity}${limits}.`;
    await insertUserEvent(tx, { serviceId: wish.serviceId, userId: who.userId, kind: "TOKEN_CREATED", message });
    return done(row);
  });
}

/** It stays the same token: its text is signed for what does not change. */
export function modifyToken(database: Database, who: Who, id: TokenId, change: TokenChange): Promise<Outcome<TokenRow>> {
  return changeToken(database, who, id, async (tx, token) => {
    if (token.revokedAt !== null) return conflict(`The token ${token.name} was revoked: it can no longer be modified.`);
    const changed = Object.entries(change).filter(([name, value]) => value !== undefined && token[name as keyof TokenChange] !== value);
    if (changed.length === 0) return done(token);
    const [row] = await tx.update(tokens).set(Object.fromEntries(changed)).where(eq(tokens.id, id)).returning();
    if (row === undefined) throw new Error("a modified token was not returned");
    const renamed = row.name === token.name ? "" : `, now ${row.name}`;
    const message = `Token ${token.name}${renamed} modified: ${limitWords(row)}.`;
    await insertUserEvent(tx, { serviceId: token.serviceId, userId: who.userId, kind: "TOKEN_MODIFIED", message });
    return done(row);
  });
}

function limitWords({ requestsPerMinute, concurrentRequests }: TokenLimits): string {
  const words = [
    ...(requestsPerMinute === null ? [] : [`${requestsPerMinute} ${requestsPerMinute === 1 ? "request" : "requests"} a minute`]),
    ...(concurrentRequests === null ? [] : [`${concurrentRequests} at once`]),
  ];
  return words.length === 0 ? "without limits" : `at most ${words.join(", ")}`;
}

/** Says that it is copied; the caller signs the same statement again. */
export function copyToken(database: Database, who: Who, id: TokenId): Promise<Outcome<TokenRow>> {
  return changeToken(database, who, id, async (tx, token) => {
    if (token.revokedAt !== null) return conflict(`The token ${token.name} was revoked: it opens nothing any more.`);
    await insertUserEvent(tx, {
      serviceId: token.serviceId,
      userId: who.userId,
      kind: "TOKEN_COPIED",
      message: `Token ${token.name} copied.`,
    });
    return done(token);
  });
}

/** Asking again changes nothing. */
export function revokeToken(database: Database, who: Who, id: TokenId): Promise<Outcome<TokenRow>> {
  return changeToken(database, who, id, async (tx, token) => {
    if (token.revokedAt !== null) return done(token);
    const [row] = await tx
      .update(tokens)
      .set({ revokedAt: sql`now()` })
      .where(eq(tokens.id, id))
      .returning();
    await insertUserEvent(tx, {
      serviceId: token.serviceId,
      userId: who.userId,
      kind: "TOKEN_REVOKED",
      message: `Token ${token.name} revoked.`,
    });
    return done(row ?? token);
  });
}

function changeToken(
  database: Database,
  who: Who,
  id: TokenId,
  change: (tx: Transaction, token: TokenRow) => Promise<Outcome<TokenRow>>,
): Promise<Outcome<TokenRow>> {
  return inTransaction(database, async (tx) => {
    const wanted = and(eq(tokens.projectId, who.projectId), eq(tokens.id, id));
    const [found] = await tx.select({ serviceId: tokens.serviceId }).from(tokens).where(wanted);
    if (found === undefined) return notFound(`token ${id}`);
    // The service first, as everywhere; then the token as it is now.
    await lockService(tx, who.projectId, found.serviceId);
    const [token] = await tx.select().from(tokens).where(wanted).for("update");
    return token === undefined ? notFound(`token ${id}`) : change(tx, token);
  });
}

export async function readTokens(database: Database, projectId: ProjectId, ids: readonly TokenId[]): Promise<TokenRow[]> {
  return database.db
    .select()
    .from(tokens)
    .where(and(eq(tokens.projectId, projectId), inArray(tokens.id, [...ids])));
}

/** Of services that the caller may see; oldest first. */
export async function readTokensOfServices(database: Database, serviceIds: readonly ServiceId[]): Promise<TokenRow[]> {
  return database.db
    .select()
    .from(tokens)
    .where(inArray(tokens.serviceId, [...serviceIds]))
    .orderBy(asc(tokens.createdAt), asc(tokens.id));
}
