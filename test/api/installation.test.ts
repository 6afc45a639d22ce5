import { expect, test } from "vitest";
import { testApi } from "../support/api.ts";

test("how many sessions wait to be stopped is seen, and only administrators confirm it", async () => {
  await using api = await testApi();
  const orphan = (place: number) => ({
    sessionId: `ses_${place}`,
    since: "2026-11-01T12:00:00.000Z",
    node: "n1",
    serviceName: place === 0 ? null : "chat",
  });
  const orphans = Array.from({ length: 9 }, (_, place) => orphan(place));
  await api.database.sql`update installation set orphans = ${JSON.stringify(orphans)}::text::jsonb`;
  expect((await api.ask("{ installation { orphans } }")).data).toEqual({ installation: { orphans: 9 } });
  const list = "{ installation { stoppingOrphans orphanSessions { sessionId since node serviceName } } }";
  expect((await api.ask(list)).data).toEqual({ installation: { stoppingOrphans: false, orphanSessions: orphans } });
  const stop =
    "mutation ($input: StopOrphansInput!) { stopOrphans(input: $input) { __typename ... on StopOrphansSuccess { count } ... on Error { message } } }";
  const member = await api.createOtherUser();
  expect((await api.ask(list, {}, member)).data).toEqual({ installation: { stoppingOrphans: false, orphanSessions: null } });
  expect((await api.ask(stop, { input: { count: 9 } }, member)).data).toEqual({
    stopOrphans: { __typename: "ForbiddenError", message: "Only administrators may do this." },
  });
  expect((await api.ask(stop, { input: { count: 8 } })).data).toEqual({
    stopOrphans: { __typename: "ConflictError", message: "By now 9 sessions wait to be stopped, not 8." },
  });
  expect((await api.ask(stop, { input: { count: 9 } })).data).toEqual({ stopOrphans: { __typename: "StopOrphansSuccess", count: 9 } });
  expect((await api.ask("{ installation { stoppingOrphans } }")).data).toEqual({ installation: { stoppingOrphans: true } });
});
