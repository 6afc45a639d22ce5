/** A service as its page is told of it, again at every change. */
import type { ServiceDetailSubscription } from "../../gql/graphql.ts";

export type ServiceDetail = NonNullable<ServiceDetailSubscription["service"]>;
