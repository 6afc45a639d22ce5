/** What concerns all of this Serai, and nobody's project. */
import { confirmOrphans, readOrphanState, type OrphanState } from "../server/store/orphans.ts";
import { builder } from "./builder.ts";
import { adminRefusals, onlyAdministrators, valueOf } from "./errors.ts";

const Installation = builder.objectRef<OrphanState>("Installation").implement({
  fields: (t) => ({
    orphans: t.int({
      description: "How many sessions belong to no route and run on until an administrator confirms with `stopOrphans`; fewer are stopped unasked.",
      resolve: ({ waiting }) => waiting,
    }),
  }),
});

builder.queryField("installation", (t) => t.field({ type: Installation, resolve: (_root, _args, { database }) => readOrphanState(database) }));

const StopOrphansInput = builder.inputType("StopOrphansInput", {
  description: "`count`: as `installation { orphans }` said. Where it is another number by now, nothing is stopped.",
  fields: (t) => ({ count: t.int({ required: true }) }),
});
const StopOrphansSuccess = builder.objectRef<{ count: number }>("StopOrphansSuccess").implement({
  fields: (t) => ({ count: t.exposeInt("count", { description: "How many are being stopped." }) }),
});

builder.mutationField("stopOrphans", (t) =>
  t.field({
    type: StopOrphansSuccess,
    description: "For administrators. After a restored backup, sessions that the database does not know may be what should go on: look before.",
    errors: adminRefusals,
    args: { input: t.arg({ type: StopOrphansInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      return { count: valueOf(await confirmOrphans(context.database, input.count)) };
    },
  }),
);
