/** A service that is changed while its users call it, and may notice nothing. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Fields, GraphQL } from "../support/graphql.ts";
import { createStoryService, patience, type StoryService } from "./service-of.ts";
import { openTraffic, type Traffic } from "./traffic.ts";

const server = readFileSync(new URL("traffic-server.py", import.meta.url), "utf8");
const definition = (version: string): string => `
models:
  - name: traffic
    model_path: /models
    service:
      start_command: [python3, server.py, "${version}"]
      port: 8000
      health_check: { path: /, interval: 1, max_retries: 3 }
`;

/** It answers with its version, "one"; a version "broken" ends at once. */
export async function createTrafficService(api: GraphQL, name: string, wish: Fields): Promise<StoryService> {
  const service = await createStoryService(() => api, name, definition("one"), { openToPublic: true, terminationGraceSeconds: 20, ...wish });
  await api.wish("writeFile", { folderId: service.folderId, path: "server.py", content: server }, "file { path }");
  return service;
}

type Change = (service: StoryService, traffic: Traffic) => Promise<void>;

/** What the traffic met is looked at when it has ended, with every call answered. The service is terminated then. */
export async function underTraffic(api: GraphQL, name: string, wish: Fields, change: Change): Promise<Traffic> {
  const service = await createTrafficService(api, name, wish);
  await service.becomes("HEALTHY");
  const traffic = openTraffic(service.endpoint);
  try {
    await expect.poll(() => traffic.streams, patience).toBeGreaterThan(0);
    await change(service, traffic);
    const callsThen = traffic.calls;
    await expect.poll(() => traffic.calls, patience).toBeGreaterThan(callsThen + 50);
  } finally {
    await traffic[Symbol.asyncDispose]();
  }
  await api.wish("terminateService", { id: service.id }, "service { id }");
  expect(countsOf(traffic.failures)).toEqual({});
  return traffic;
}

/** Without routes, streams fail by thousands: each way to fail is said once. */
function countsOf(failures: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const failure of failures) counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}

export async function rollTo(api: GraphQL, service: StoryService, version: string): Promise<void> {
  await api.wish("writeFile", { folderId: service.folderId, path: "model-definition.yml", content: definition(version) }, "file { path }");
  await api.wish("clearErrorsAndRetry", { id: service.id }, "service { id }");
}

export async function rolloutEnds(service: StoryService, status: string): Promise<Fields> {
  await expect.poll(async () => ((await service.read("rollout { status }"))["rollout"] as Fields | null)?.["status"], patience).toBe(status);
  return (await service.read("rollout { mode reason }"))["rollout"] as Fields;
}
