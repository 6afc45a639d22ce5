import { expect, test } from "vitest";
import { deleteOldEvents } from "../../server/store/old-events.ts";
import { testApi } from "../support/api.ts";

test("of a long history the last thousand events stay whatever their age, younger ones too, and never more than twenty thousand", async () => {
  await using api = await testApi();
  const folder = await api.createFolder("models");
  const [busy, quiet] = [await api.createService("busy", folder), await api.createService("quiet", folder)];
  const fill = (id: string, count: number, days: number) =>
    api.database.sql.begin(async (sql) => {
      // Nobody is to be told of each of so many.
      await sql`set local session_replication_role = replica`;
      await sql`
        insert into route_events (service_id, kind, message, at)
        select ${id}, 'NOTE', 'x', now() - make_interval(days => ${days}) from generate_series(1, ${count}::int)`;
    });
  const kept = async (id: string) =>
    (await api.database.sql<{ n: number }[]>`select count(*)::int as n from route_events where service_id = ${id}`)[0]?.n;
  await fill(busy.id, 1500, 100);
  await fill(quiet.id, 900, 100);
  expect(await deleteOldEvents(api.database)).toBe(500);
  expect([await kept(busy.id), await kept(quiet.id)]).toEqual([1000, 900]);
  await fill(busy.id, 25_000, 1);
  await deleteOldEvents(api.database);
  expect([await kept(busy.id), await kept(quiet.id)]).toEqual([20_000, 900]);
  expect(await deleteOldEvents(api.database)).toBe(0);
});
