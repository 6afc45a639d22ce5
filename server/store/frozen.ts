/**
 * What a frozen process keeps locked. PostgreSQL itself ends a transaction that is idle for five seconds (database.ts). But postgres.js asks what
 * the parameters of a statement are before it sends them, and whoever freezes in between is to PostgreSQL in the middle of a statement, for
 * which none of its limits up to 16 counts: there is only who else looks.
 */
import type { Database } from "./database.ts";

/** Of this installation, whose processes use the database as the same role. */
export async function endFrozenTransactions(database: Database): Promise<void> {
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = current_user and application_name = 'serai'
      and state = 'active' and wait_event = 'ClientRead' and state_change < now() - interval '5 seconds'`;
}
