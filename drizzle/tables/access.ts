/** Who may call an endpoint. */
import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { ServiceId, TokenId } from "../../server/model/ids.ts";
import { at, createdAt } from "./columns.ts";
import { owned } from "./owned.ts";
import { services } from "./services.ts";

/** The secret is stored nowhere: it is a signed statement of `id`, service and expiry. */
export const tokens = pgTable(
  "tokens",
  {
    id: text("id").$type<TokenId>().primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    ...owned,
    name: text("name").notNull(),
    /** Null: never. */
    expiresAt: at("expires_at"),
    createdAt: createdAt(),
    revokedAt: at("revoked_at"),
    lastUsedAt: at("last_used_at"),
    /** In any minute, over all gateways; null: as many as come. */
    requestsPerMinute: integer("requests_per_minute"),
    /** At the same time; null: as many as come. */
    concurrentRequests: integer("concurrent_requests"),
  },
  (table) => [
    index("tokens_service").on(table.serviceId),
    check("tokens_limits", sql`${table.requestsPerMinute} > 0 and ${table.concurrentRequests} > 0`),
  ],
);

/** Keys that sign tokens: the newest one does, the others only verify. The private half is encrypted with SERAI_SECRET. */
export const signingKeys = pgTable("signing_keys", {
  /** The `kid` of tokens signed by it. */
  id: text("id").primaryKey(),
  publicKey: text("public_key").notNull(),
  privateKeyEncrypted: text("private_key_encrypted").notNull(),
  createdAt: createdAt(),
  /** From then on it verifies nothing any more; null: it goes on. */
  retiresAt: at("retires_at"),
});
