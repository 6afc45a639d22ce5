/** What routes wrote can be read when they have ended, on a real Nomad: replaced by an update, or terminated with their service. */
import { expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { graphqlOf, type Fields } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { startSerai } from "../support/serai.ts";
import { createStoryService, patience } from "./service-of.ts";
import { rolloutEnds } from "./under-traffic.ts";

const noNomad = missing(findNomad() === null, "nomad", "the logs of ended routes on Nomad", "sh test/nomad/build.sh (needs Go)");

const speaking = (word: string): string => `
models:
  - name: speaking
    model_path: /models
    service:
      start_command: ["sh", "-c", "echo one ${word}; echo two ${word}; exec python3 -m http.server --bind 127.0.0.1 $PORT"]
      port: 8000
      health_check: { path: /, interval: 1 }
`;

type Chunk = { readonly attempt: string; readonly offset: number; readonly nextOffset: number; readonly text: string };

test.skipIf(noNomad)(
  "the log of a replaced route and of a terminated one, from any point and as a file, until Nomad clears it away",
  { timeout: 180_000 },
  async () => {
    await using database = await testDatabase();
    await using nomad = await startNomad();
    await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0", DATABASE_URL: database.url, NOMAD_ADDR: nomad.address } });
    await using api = graphqlOf(serai);
    const service = await createStoryService(() => api, "speaking", speaking("first"));
    await service.becomes("HEALTHY");
    await api.wish("writeFile", { folderId: service.folderId, path: "model-definition.yml", content: speaking("second") }, "file { path }");
    await api.wish("clearErrorsAndRetry", { id: service.id }, "service { id }");
    await rolloutEnds(service, "COMPLETED");
    await api.wish("terminateService", { id: service.id }, "service { id }");
    await service.becomes("TERMINATED");

    const { routes } = (await service.read("routes(includeTerminated: true) { id status }")) as { routes: { id: string; status: string }[] };
    expect(routes.map(({ status }) => status)).toEqual(["TERMINATED", "TERMINATED"]);
    const read = async (routeId: string, from: Fields = {}): Promise<readonly Chunk[]> => {
      const document = `subscription ($routeId: ID!, $attempt: String, $offset: Float) {
      logs(routeId: $routeId, attempt: $attempt, offset: $offset) { attempt offset nextOffset text } }`;
      const chunks: Chunk[] = [];
      for await (const { logs } of api.follow(document, { routeId, ...from }, AbortSignal.timeout(30_000))) chunks.push(logs as Chunk);
      return chunks;
    };
    const download = (routeId: string) => fetch(`${serai.url}logs/${routeId}`, { headers: { authorization: `Bearer ${serai.adminToken}` } });
    for (const [index, word] of ["first", "second"].entries()) {
      const id = routes[index]?.id ?? "";
      const whole = await read(id);
      expect(whole.map(({ text }) => text).join("")).toBe(`one ${word}\ntwo ${word}\n`);
      const from = { attempt: whole[0]?.attempt, offset: `one ${word}\n`.length };
      expect((await read(id, from)).map(({ text }) => text).join("")).toBe(`two ${word}\n`);
      expect(await (await download(id)).text()).toBe(`one ${word}\ntwo ${word}\n`);
    }

    await fetch(`${nomad.address}/v1/system/gc`, { method: "PUT" });
    const [first] = routes;
    const gone = { code: "LOG_NOT_KEPT", message: "Of what this route wrote nothing is kept any more." };
    await expect.poll(async () => (await download(first?.id ?? "")).status, patience).toBe(410);
    expect(await (await download(first?.id ?? "")).json()).toMatchObject(gone);
    await expect(read(first?.id ?? "")).rejects.toMatchObject([{ message: gone.message, extensions: { code: gone.code } }]);
  },
);
