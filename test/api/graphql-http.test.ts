import { auditServer } from "graphql-http";
import { expect, test } from "vitest";
import { adminToken, testApi } from "../support/api.ts";

test("clients of the GraphQL over HTTP specification find nothing that it forbids", async () => {
  await using api = await testApi();
  const results = await auditServer({
    url: `${api.url}/graphql`,
    fetchFn: (url: string, init?: RequestInit) =>
      fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${adminToken}` } }),
  });
  expect(results.length).toBeGreaterThan(50);
  expect(results.filter((result) => result.status === "error")).toEqual([]);
});
