/**
 * What an empty installation gets: resource groups for the machines that the scheduler has, the environments that really run there,
 * and, once, the example from the guide as a public service. A later start finds everything and changes nothing.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "./failure.ts";
import type { Folders } from "./folders/folders.ts";
import type { Log } from "./log.ts";
import type { Node, Scheduler } from "./scheduler/scheduler.ts";
import type { Database } from "./store/database.ts";
import type { EndpointRule } from "./store/endpoint.ts";
import { ensureEnvironment } from "./store/environments.ts";
import { ensureResourceGroup } from "./store/resource-groups.ts";
import { serveExample } from "./serve-example.ts";

export const exampleName = "simple-http-server";
const containerEnvironment = { name: "Python 3.13", kind: "CONTAINER", image: "python:3.13-slim" } as const;

export type FirstStart = {
  readonly database: Database;
  readonly folders: Folders;
  readonly scheduler: Scheduler;
  readonly endpoint: EndpointRule;
  readonly examplesDirectory: string;
  /** True only at the first start on an empty database. */
  readonly withExample: boolean;
  readonly log: Log;
};

export async function seedFirstStart(start: FirstStart): Promise<void> {
  const { database, scheduler, log } = start;
  const group = await ensureResourceGroup(database, { name: "default", nodePool: "default" });
  let nodes: readonly Node[];
  try {
    nodes = await scheduler.nodes();
  } catch (thrown) {
    log.warn({ reason: messageOf(thrown) }, "the scheduler's machines could not be read; environments are made at a later start");
    return;
  }
  for (const nodePool of new Set(nodes.map((node) => node.nodePool))) await ensureResourceGroup(database, { name: nodePool, nodePool });
  if (nodes.some((node) => node.runs.includes("CONTAINER"))) await ensureEnvironment(database, containerEnvironment);
  if (!nodes.some((node) => node.runs.includes("HOST"))) return;
  const environment = await ensureEnvironment(database, { name: "Host", kind: "HOST" });
  if (!start.withExample) return;
  const definition = await readFile(join(start.examplesDirectory, exampleName, "model-definition.yml"), "utf8");
  await serveExample({ ...start, environmentId: environment.id, resourceGroupId: group.id }, exampleName, definition);
}
