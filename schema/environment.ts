/** What a session runs in. */
import type { EnvironmentId } from "../server/model/ids.ts";
import { listEnvironments, readEnvironments, type EnvironmentRow } from "../server/store/environments.ts";
import { builder, gathering } from "./builder.ts";

const EnvironmentKind = builder.enumType("EnvironmentKind", {
  values: {
    HOST: { description: "The programs of the machine itself; no isolation." },
    CONTAINER: { description: "A container image." },
  } as const,
});

export const Environment = builder.loadableNode("Environment", {
  id: { resolve: (environment: EnvironmentRow) => environment.id },
  load: (ids: EnvironmentId[], context): Promise<EnvironmentRow[]> => readEnvironments(context.database, ids),
  toKey: (environment: EnvironmentRow) => environment.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    kind: t.expose("kind", { type: EnvironmentKind }),
    image: t.exposeString("image", { nullable: true }),
  }),
});

builder.queryField("environments", (t) =>
  t.field({
    type: [Environment],
    description: "Oldest first; a service that names none gets the first.",
    resolve: (_root, _args, context) => listEnvironments(context.database),
  }),
);
