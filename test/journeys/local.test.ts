import { markedProcesses } from "../contract/session-processes.ts";
import { describeStory } from "./story.ts";

describeStory("on one machine, with nothing installed", async () => ({
  env: {},
  processesOf: async (sessionId) => markedProcesses(sessionId as Parameters<typeof markedProcesses>[0]),
  [Symbol.asyncDispose]: async () => {},
}));
