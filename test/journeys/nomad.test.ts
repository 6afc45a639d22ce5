import { describe } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import { markedProcesses } from "../contract/session-processes.ts";
import { testDatabase } from "../support/database.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { describeStory } from "./story.ts";

const noNomad = missing(findNomad() === null, "nomad", "the story on a real Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("a cluster", () =>
  describeStory("on a real Nomad and a database of its own", async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.use(await testDatabase());
    const nomad = opened.use(await startNomad());
    const lifetime = opened.move();
    return {
      env: { DATABASE_URL: database.url, NOMAD_ADDR: nomad.address },
      processesOf: async (sessionId) => markedProcesses(sessionId as SessionId),
      [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
    };
  }),
);
