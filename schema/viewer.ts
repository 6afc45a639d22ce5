/** Who asks. */
import type { Viewer as ViewerRow } from "../server/store/users.ts";
import { builder } from "./builder.ts";
import { Project } from "./project.ts";

const UserRole = builder.enumType("UserRole", { values: ["ADMIN", "MEMBER"] as const });

const Viewer = builder.objectRef<ViewerRow>("Viewer").implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ user }) => user.id }),
    name: t.string({ resolve: ({ user }) => user.name }),
    role: t.field({ type: UserRole, resolve: ({ user }) => user.role }),
    project: t.expose("project", { type: Project }),
  }),
});

builder.queryField("viewer", (t) => t.field({ type: Viewer, resolve: (_root, _args, context) => context.viewer }));
