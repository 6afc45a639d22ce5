/** Reading what start actions report where a session does its worst, and how often. Nomad's part is played by a small server. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { openNomadClient } from "../../server/scheduler/nomad/client.ts";
import { readStart } from "../../server/scheduler/nomad/start-files.ts";
import { pauseBefore } from "../../server/scheduler/nomad/start-reports.ts";

async function nomadThat(answers: RequestListener): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer(answers).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const attempt = { key: "a:1", allocationId: "a", task: "model", startedAt: new Date(0), endedAt: null, earlierEndedAt: null };
const report = `serai-start\t1\t1.00\t1\t\t\nbegin\t0\t1.00\trun_command\tx\t\nend\t0\t2.00\t0\t0\t0\n`;
const endless = "x".repeat(64 * 1024);

it.each([
  ["grows after its size was asked for", { report: report.length, output: 10 }],
  ["was empty when its size was asked for", { report: report.length, output: 0 }],
])("no more is fetched of a file than is kept, also where it %s", async (_how, sizes) => {
  await using nomad = await nomadThat((request, response) => {
    const url = new URL(request.url ?? "", "http://nomad");
    const isReport = url.searchParams.get("path")?.endsWith("/report") === true;
    if (url.pathname.includes("/stat/")) {
      return response.end(JSON.stringify({ Size: isReport ? sizes.report : sizes.output, IsDir: false, ModTime: new Date().toISOString() }));
    }
    if (isReport) return response.end(report);
    const more = (): void => {
      while (!response.destroyed && response.write(endless));
      response.once("drain", more);
    };
    return more();
  });
  await using client = openNomadClient({ address: nomad.address });
  const read = await readStart(client, attempt, 1, null, AbortSignal.timeout(5000));
  expect(read?.report.steps).toHaveLength(1);
  expect(read?.outputs.get(0)?.out.bytes.length).toBe(sizes.output);
});

it("an empty report is not fetched at all: without a limit Nomad would send all that is written meanwhile", async () => {
  const asked: string[] = [];
  await using nomad = await nomadThat((request, response) => {
    asked.push(new URL(request.url ?? "", "http://nomad").pathname);
    response.end(JSON.stringify({ Size: 0, IsDir: false, ModTime: new Date().toISOString() }));
  });
  await using client = openNomadClient({ address: nomad.address });
  expect(await readStart(client, attempt, 1, null, AbortSignal.timeout(5000))).toBeNull();
  expect(asked).toEqual(["/v1/client/fs/stat/a"]);
});

it("a download of an hour is asked about some 250 times, and its end is told at most 15 s late", () => {
  let [asked, atMs] = [0, 0];
  while (atMs < 3_600_000) {
    const pauseMs = pauseBefore(atMs);
    expect(pauseMs).toBeLessThanOrEqual(15_000);
    atMs += pauseMs;
    asked += 1;
  }
  expect(asked).toBeLessThan(300);
  expect(pauseBefore(0)).toBe(1000);
});
