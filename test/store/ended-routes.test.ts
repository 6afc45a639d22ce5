import { expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { readEndedRoutes } from "../../server/store/route-reads.ts";
import { testApi } from "../support/api.ts";

test("of each service those that ended last are read, the last first, and no more of the table than these", async () => {
  await using api = await testApi();
  const { sql } = api.database;
  const folder = await api.createFolder("models");
  const [busy, quiet, none] = [
    await api.createService("busy", folder),
    await api.createService("quiet", folder),
    await api.createService("none", folder),
  ];
  const fill = (id: string, count: number) =>
    sql.begin(async (transaction) => {
      // Nobody is to be told of each of so many.
      await transaction`set local session_replication_role = replica`;
      await transaction`
        insert into routes (id, service_id, revision_id, session_id, status, terminated_at)
        select 'rt_' || s.name || n, s.id, s.revision_id, 'ses_' || s.name || n, 'TERMINATED', timestamptz '2026-01-01' + make_interval(mins => n)
        from services s, generate_series(1, ${count}::int) n where s.id = ${id}`;
    });
  await fill(busy.id, 20_000);
  await fill(quiet.id, 2);
  await sql`insert into routes (id, service_id, revision_id, session_id, status)
    select ${newId("route")}, id, revision_id, ${newId("session")}, 'SCHEDULING' from services where id = ${busy.id}`;
  await sql`analyze routes`;
  const original = sql.unsafe.bind(sql);
  const asked: Parameters<typeof original>[] = [];
  sql.unsafe = ((...args: Parameters<typeof original>) => {
    asked.push(args);
    return original(...args);
  }) as typeof sql.unsafe;
  const read = await readEndedRoutes(api.database, [busy.id, quiet.id, none.id], 3);
  expect(read.map(({ id }) => id)).toEqual(["rt_busy20000", "rt_busy19999", "rt_busy19998", "rt_quiet2", "rt_quiet1"]);
  const [[text, values] = [""]] = asked;
  const plan = (await original(`explain (analyze, format text) ${text}`, values)).map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("routes_ended");
  expect(plan).not.toContain("Seq Scan");
  expect(asked).toHaveLength(1);
});
