/** Users as others see them. */
import { readUsers, type UserRow } from "../server/store/users.ts";
import type { UserId } from "../server/model/ids.ts";
import { builder, gathering } from "./builder.ts";

export const User = builder.loadableObject("User", {
  load: (ids: UserId[], context): Promise<UserRow[]> => readUsers(context.database, ids),
  toKey: (user) => user.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({ id: t.exposeID("id"), name: t.exposeString("name") }),
});
