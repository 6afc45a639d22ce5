/**
 * What an empty installation gets: resource groups for the machines that the scheduler has, the environments that can run there,
 * and, once, the examples as public services: the guide's own, and a chat. A later start finds everything and changes nothing.
 * While the scheduler cannot be asked it is asked again, beside everything else.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "./failure.ts";
import type { Folders } from "./folders/folders.ts";
import type { Log } from "./log.ts";
import { containerSeeds, hostSeed } from "./model/environment-seeds.ts";
import type { Scheduler } from "./scheduler/scheduler.ts";
import { serveExample, type ExampleFiles } from "./serve-example.ts";
import type { Database } from "./store/database.ts";
import type { EndpointRule } from "./store/endpoint.ts";
import { ensureEnvironments } from "./store/environments.ts";
import { claimSeeding, unclaimSeeding } from "./store/installation.ts";
import { ensureResourceGroup } from "./store/resource-groups.ts";

export const exampleName = "simple-http-server";
export const chatExampleName = "tiny-chat";
const askAgainMs = 5000;

export type FirstStart = {
  readonly database: Database;
  readonly folders: Folders;
  readonly scheduler: Scheduler;
  readonly endpoint: EndpointRule;
  readonly examplesDirectory: string;
  readonly withExample: boolean;
  readonly log: Log;
};

/** Resolves when it is done, or when the scheduler could not be asked: then it goes on by itself until the disposal. */
export async function openFirstStart(start: FirstStart): Promise<AsyncDisposable> {
  const ending = new AbortController();
  const isDone = await attempt(start);
  const goingOn = isDone ? Promise.resolve() : repeat(start, ending.signal);
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await goingOn;
    },
  };
}

async function repeat(start: FirstStart, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(askAgainMs, undefined, { signal }).catch(() => {});
    if (!signal.aborted && (await attempt(start))) return;
  }
}

async function attempt(start: FirstStart): Promise<boolean> {
  try {
    await furnish(start);
    return true;
  } catch (thrown) {
    start.log.warn({ reason: messageOf(thrown) }, "the scheduler's machines cannot be read yet; environments are made when they can");
    return false;
  }
}

async function furnish(start: FirstStart): Promise<void> {
  const { database, scheduler } = start;
  const group = await ensureResourceGroup(database, { name: "default", nodePool: "default" });
  const nodes = await scheduler.nodes();
  for (const nodePool of new Set(nodes.map((node) => node.nodePool))) await ensureResourceGroup(database, { name: nodePool, nodePool });
  if (nodes.some((node) => node.runs.includes("CONTAINER"))) await ensureEnvironments(database, containerSeeds);
  if (!nodes.some((node) => node.runs.includes("HOST"))) return;
  const [environment] = await ensureEnvironments(database, [hostSeed]);
  // An administrator may have deleted one of them: then there is no place that this is known to be right for.
  if (group === null || environment === undefined || !start.withExample || !(await claimSeeding(database))) return;
  try {
    const place = { ...start, environmentId: environment.id, resourceGroupId: group.id };
    for (const name of [exampleName, chatExampleName]) {
      const made = await serveExample(place, name, await readExample(join(start.examplesDirectory, name)));
      // What is refused would be refused again, such as a port where there is only one.
      if (!made.ok) start.log.warn({ example: name, reason: made.refusal.message }, "an example cannot be served");
    }
  } catch (thrown) {
    await unclaimSeeding(database);
    throw thrown;
  }
}

/** Without what running it left there. */
async function readExample(directory: string): Promise<ExampleFiles> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), "utf8")] as const)));
}
