/** What a route writes, live. The same as a file: `GET /logs/<routeId>` (server/api/log-download.ts). */
import type { LogText } from "../server/model/log-text.ts";
import { builder } from "./builder.ts";
import { badUserInput } from "./errors.ts";
import { endable } from "./live.ts";
import { findLog, readLog } from "./read-log.ts";

const LogStream = builder.enumType("LogStream", { values: { STDOUT: { value: "stdout" }, STDERR: { value: "stderr" } } as const });

const LogChunk = builder.objectRef<LogText>("LogChunk").implement({
  description: "At most 64 KiB of a log.",
  fields: (t) => ({
    attempt: t.exposeString("attempt", {
      description:
        "Another one than before: its log begins. `<session>.<attempt>`: a route that is started anew has another session then. On Nomad an attempt that is restarted in place goes on in the log of the one before.",
    }),
    offset: t.exposeFloat("offset", {
      description:
        "Bytes from the beginning of the attempt's log. Beyond the `nextOffset` before: what was between is kept no more (or Nomad began another file).",
    }),
    nextOffset: t.exposeFloat("nextOffset", { description: "Where to go on: after the last byte of the text." }),
    text: t.exposeString("text", {
      description:
        "UTF-8, with control characters as they were written; the values of secret variables are replaced by `[secret NAME]`, where they can be found.",
    }),
  }),
});

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

builder.subscriptionField("logs", (t) =>
  t.field({
    type: LogChunk,
    description:
      "What is there, then what is written later, over restarts; ends where nothing more can come. Of a route that has ended, what is kept, or the error LOG_NOT_KEPT. To go on after a break: `attempt` and `nextOffset` of the last chunk. Nothing is lost to a slow reader but what the scheduler keeps no more.",
    args: {
      routeId: t.arg.id({ required: true }),
      stream: t.arg({ type: LogStream, required: true, defaultValue: "stdout" }),
      member: t.arg.int({ description: "Of a route of several members, whose: 0, or absent, is main, 1 is worker 1." }),
      attempt: t.arg.string({
        description:
          "Absent: the newest; of a route that has ended, of its last session that wrote something. One that is kept no more: everything that is, from its beginning.",
      }),
      offset: t.arg.float({ description: "Where to begin in the attempt's log; absent: at its beginning." }),
      tailBytes: t.arg.int({ description: "Begin at most so many bytes before the present end of the attempt's log." }),
    },
    subscribe: async (_root, { routeId, stream, member, attempt, offset, tailBytes }, context) => {
      const log = await findLog(context, context.viewer.project.id, routeId);
      if (log === null) throw badUserInput(`There is no route ${routeId}.`);
      if (!isCount(offset ?? 0)) throw badUserInput("offset must be a number of bytes.");
      if (!isCount(tailBytes ?? 0)) throw badUserInput("tailBytes must be a number of bytes.");
      if (!isCount(member ?? 0)) throw badUserInput("member must be 0 or more.");
      const query = { stream, member: member ?? 0, follow: true, attempt: attempt ?? null, offset: offset ?? 0, tailBytes: tailBytes ?? null };
      return endable((signal) => readLog(context, log, { ...query, signal }));
    },
    resolve: (chunk) => chunk,
  }),
);
