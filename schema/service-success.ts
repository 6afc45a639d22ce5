/** What changes of a service have in common: they take its id, and give the service back. */
import { asId, type ServiceId } from "../server/model/ids.ts";
import { notFound } from "../server/model/problem.ts";
import type { Who } from "../server/store/current-revision.ts";
import type { ServiceRow } from "../server/store/services.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { valueOf } from "./errors.ts";
import { Service } from "./service.ts";

export const success = (name: string) =>
  builder.objectRef<ServiceRow>(name).implement({ fields: (t) => ({ service: t.field({ type: Service, resolve: (service) => service }) }) });

export const serviceIdOf = (id: string): ServiceId => asId("service", id) ?? valueOf(notFound(`service ${id}`));

export const whoAsks = ({ viewer }: Context): Who => ({ projectId: viewer.project.id, userId: viewer.user.id });
