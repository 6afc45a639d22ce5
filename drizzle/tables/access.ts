/** Who may call an endpoint. */
import { index, pgTable, text } from "drizzle-orm/pg-core";
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
  },
  (table) => [index("tokens_service").on(table.serviceId)],
);

/** Keys that sign tokens. The private half is encrypted with SERAI_SECRET. */
export const signingKeys = pgTable("signing_keys", {
  /** The `kid` of tokens signed by it. */
  id: text("id").primaryKey(),
  publicKey: text("public_key").notNull(),
  privateKeyEncrypted: text("private_key_encrypted").notNull(),
  createdAt: createdAt(),
});
