/**
 * A Nomad whose tasks are pretended: its own `mock_driver` runs nothing and says that it runs, so one machine can have thousands. All that
 * Nomad does around a task it does, but for a logging process for each. Serai's jobs become such ones here, on their way to Nomad,
 * and as nobody listens at the ports that Nomad gives out, all addresses lead to a server that answers.
 */
import { silentLog } from "../../server/log.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import type { Job } from "../../server/scheduler/nomad/api-types.ts";
import { openNomadClient } from "../../server/scheduler/nomad/client.ts";
import { compileJob } from "../../server/scheduler/nomad/job.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { takeSeat } from "../../server/scheduler/nomad/take-seat.ts";
import { startNomad, type Nomad } from "../support/nomad.ts";

/** With room for all of them. It is killed in the end, because no task leaves anything behind that would have to be ended in order. */
export async function startMockedNomad(opened: AsyncDisposableStack): Promise<Nomad> {
  const client = { cpu_total_compute: 100_000_000, memory_total_mb: 100_000_000, disk_total_mb: 100_000_000 };
  const nomad = opened.use(await startNomad({ client: { ...client, min_dynamic_port: 20_000, max_dynamic_port: 32_000 } }));
  opened.defer(() => nomad.server.kill());
  return nomad;
}

export function mocked(job: Job): Job {
  const [group] = job.TaskGroups;
  const [task] = group.Tasks;
  // The types know what Serai itself submits.
  const pretended = { ...task, Driver: "mock_driver" as "docker", Config: { run_for: "24h" }, LogConfig: { ...task.LogConfig, Disabled: true } };
  return { ...job, TaskGroups: [{ ...group, Tasks: [pretended] }] };
}

export async function openMockedScheduler(
  nomadAddress: string,
  installationId: string,
  address: { readonly host: string; readonly port: number },
): Promise<Scheduler> {
  const scheduler = await openNomadScheduler({ address: nomadAddress, installationId, log: silentLog });
  const client = openNomadClient({ address: nomadAddress });
  return {
    ...scheduler,
    submit: (session) =>
      takeSeat(client, installationId, session, async (wanted, predecessor) =>
        mocked(compileJob(wanted, { installationId, megahertzPerCore: 1000 }, predecessor)),
      ),
    async *watch(signal) {
      for await (const batch of scheduler.watch(signal)) {
        const observations = batch.observations.map((one) => (one.address === null ? one : { ...one, address }));
        yield { ...batch, observations };
      }
    },
    async [Symbol.asyncDispose]() {
      await scheduler[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}
