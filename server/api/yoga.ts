/** GraphQL over HTTP: yoga, with our limits, our masking and nothing that is made for trying out. */
import { createYoga } from "graphql-yoga";
import type { Context, Ports } from "../../schema/context.ts";
import { schema } from "../../schema/index.ts";
import type { Viewer } from "../store/users.ts";
import { limits } from "./limits.ts";
import { createMask, refuseInvalid } from "./mask.ts";

/** What the transport knows and a resolver needs. */
export type Caller = { readonly viewer: Viewer };

export const graphqlPath = "/graphql";

export function createGraphql(ports: Ports) {
  const mask = createMask(ports.log);
  return createYoga<Caller, Context>({
    schema,
    graphqlEndpoint: graphqlPath,
    context: ({ viewer }) => ({ ...ports, viewer }),
    maskedErrors: { maskError: mask, errorMessage: "Something went wrong on the server." },
    plugins: [limits, refuseInvalid],
    // What fails is logged by the mask, once.
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
  });
}

export type Graphql = ReturnType<typeof createGraphql>;
