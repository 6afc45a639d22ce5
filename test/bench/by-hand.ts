/** The same job without Serai: compiled from the same session, registered over HTTP, asked for until it answers. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../../server/model/ids.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";
import { defaultResources } from "../../server/model/service-spec.ts";
import type { Session } from "../../server/model/session.ts";
import { sessionOf } from "../../server/model/session-of.ts";
import type { Allocation } from "../../server/scheduler/nomad/api-types.ts";
import { type NomadClient, openNomadClient } from "../../server/scheduler/nomad/client.ts";
import { compileJob } from "../../server/scheduler/nomad/job.ts";
import { readMegahertzPerCore } from "../../server/scheduler/nomad/nodes.ts";
import { guideExample } from "../control/definitions.ts";
import { answers, until } from "./until.ts";

const askEveryMs = 20;

/** @returns submits a job, waits for its first 200, purges it and says how long the first two took, in ms. */
export async function openByHand(opened: AsyncDisposableStack, address: string): Promise<() => Promise<number>> {
  const client = opened.use(openNomadClient({ address }));
  const folderPath = await mkdtemp(join(tmpdir(), "serai-bench-model-"));
  opened.defer(() => rm(folderPath, { recursive: true, force: true }));
  const context = { installationId: randomBytes(6).toString("hex"), megahertzPerCore: await readMegahertzPerCore(client, "default") };

  return async () => {
    const job = compileJob(newSession(folderPath, guideExample), context);
    const begun = performance.now();
    await client.send("POST", "/v1/jobs", { Job: job });
    const url = await until("a port", askEveryMs, () => urlOf(client, job.ID));
    await until("the job answers", askEveryMs, () => answers(url));
    const durationMs = performance.now() - begun;
    await client.send("DELETE", `/v1/job/${job.ID}`, undefined, { purge: true });
    await until("the job's end", askEveryMs, async () => ((await allocationsOf(client, job.ID)).every(hasEnded) ? true : null));
    return durationMs;
  };
}

export function newSession(folderPath: string, definition: string): Session {
  const parsed = parseModelDefinition(definition);
  if (!parsed.ok) throw new Error("the definition does not parse");
  const revision = {
    definition: parsed.definition,
    environment: { kind: "HOST" } as const,
    resourceGroup: { id: newId("resourceGroup"), name: "default", nodePool: "default" },
    resources: defaultResources,
    folderPath,
    cluster: null,
    modelReadOnly: false,
    extraMounts: [],
    variables: [],
  };
  return sessionOf(
    { id: newId("service"), name: "by-hand", projectId: newId("project") },
    revision,
    { id: newId("route"), sessionId: newId("session") },
    [],
  );
}

async function allocationsOf(client: NomadClient, jobId: string): Promise<readonly Allocation[]> {
  return (await client.get<readonly Allocation[]>(`/v1/job/${jobId}/allocations`)).value;
}

async function urlOf(client: NomadClient, jobId: string): Promise<string | null> {
  const [listed] = await allocationsOf(client, jobId);
  if (listed === undefined) return null;
  const { value } = await client.get<Allocation>(`/v1/allocation/${listed.ID}`);
  const [port] = value.AllocatedResources?.Shared.Ports ?? [];
  return port === undefined ? null : `http://${port.HostIP}:${port.Value}/`;
}

const hasEnded = ({ ClientStatus }: Allocation): boolean => ClientStatus !== "running" && ClientStatus !== "pending";
