/** What bounds everything that a user can see. */
import type { ProjectRow } from "../server/store/users.ts";
import { builder } from "./builder.ts";

export const Project = builder.objectRef<ProjectRow>("Project").implement({
  fields: (t) => ({ id: t.exposeID("id"), name: t.exposeString("name") }),
});
