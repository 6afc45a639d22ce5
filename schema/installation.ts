/** What concerns all of this Serai, and nobody's project. */
import type { Orphan } from "../server/model/orphan.ts";
import { confirmOrphans, readOrphanState, type OrphanState } from "../server/store/orphans.ts";
import { builder } from "./builder.ts";
import { adminRefusals, onlyAdministrators, valueOf } from "./errors.ts";

const OrphanSession = builder.objectRef<Orphan>("OrphanSession").implement({
  description: "A session that belongs to no route: after a restored backup perhaps one that should go on, else what was left over.",
  fields: (t) => ({
    sessionId: t.exposeID("sessionId"),
    since: t.field({ type: "DateTime", description: "Since when it is known to belong to none.", resolve: ({ since }) => new Date(since) }),
    node: t.exposeString("node", { nullable: true, description: "Name of the machine that it runs on; null where it runs on none." }),
    serviceName: t.exposeString("serviceName", { nullable: true, description: "What its service was called, where the scheduler knows." }),
  }),
});

const Installation = builder.objectRef<OrphanState>("Installation").implement({
  fields: (t) => ({
    orphans: t.int({
      description: "How many sessions belong to no route and run on until an administrator confirms with `stopOrphans`; fewer are stopped unasked.",
      resolve: ({ orphans }) => orphans.length,
    }),
    orphanSessions: t.field({
      type: [OrphanSession],
      nullable: true,
      description: "Those. Null for whoever is no administrator.",
      resolve: ({ orphans }, _args, { viewer }) => (viewer.user.role === "ADMIN" ? [...orphans] : null),
    }),
    stoppingOrphans: t.exposeBoolean("confirmed", { description: "An administrator has confirmed that they are stopped." }),
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
