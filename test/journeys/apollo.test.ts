/** The whole story by a common client, unchanged: Apollo Client 4 with its WebSocket link. */
import { ApolloClient, gql, HttpLink, InMemoryCache, split } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { guideExample } from "../control/definitions.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { get, patience } from "./service-of.ts";

function apolloOf(serai: Serai) {
  const authorization = `Bearer ${serai.adminToken}`;
  const uri = new URL("/graphql", serai.url).toString();
  const live = createClient({ url: uri.replace(/^http/, "ws"), webSocketImpl: WebSocket, connectionParams: { authorization } });
  const isLive = ({ query }: { query: Parameters<typeof getMainDefinition>[0] }) => {
    const definition = getMainDefinition(query);
    return definition.kind === "OperationDefinition" && definition.operation === "subscription";
  };
  const link = split(isLive, new GraphQLWsLink(live), new HttpLink({ uri, headers: { authorization } }));
  return {
    client: new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes: { Error: ["ConflictError", "NotFoundError", "ValidationError"] } }) }),
    live,
  };
}

type Wished = Record<string, Record<string, unknown>>;

test("Apollo Client does the whole story: folder, file, service, live status, token, call, revoke, terminate", async () => {
  await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
  const { client, live } = apolloOf(serai);
  const wish = async (mutation: string, input: object, selection: string) => {
    const type = mutation.charAt(0).toUpperCase() + mutation.slice(1);
    const document = gql(`mutation ($input: ${type}Input!) {
      ${mutation}(input: $input) { ... on ${type}Success { ${selection} } ... on Error { message } } }`);
    const { data } = await client.mutate<Wished>({ mutation: document, variables: { input } });
    return data?.[mutation] as Record<string, Record<string, string>>;
  };

  const { folder } = await wish("createFolder", { name: "apollo", usage: "MODEL" }, "folder { id }");
  await wish("writeFile", { folderId: folder?.["id"], path: "model-definition.yml", content: guideExample }, "file { size }");
  const { service } = await wish("createService", { name: "apollo", folderId: folder?.["id"] }, "service { id endpoint }");
  const { id = "", endpoint = "" } = service ?? {};

  const statuses: string[] = [];
  const done = Promise.withResolvers<void>();
  const watching = client
    .subscribe<{ service: { status: string } }>({
      query: gql`
        subscription ($id: ID!) {
          service(id: $id) {
            id
            status
            statusReason
          }
        }
      `,
      variables: { id },
    })
    .subscribe({
      next: ({ data }) => void statuses.push(data?.service.status ?? ""),
      error: done.reject,
      complete: done.resolve,
    });
  await expect.poll(() => statuses, patience).toContain("HEALTHY");

  const made = (await wish("createToken", { serviceId: id }, "token { id } secret")) as unknown as { token: { id: string }; secret: string };
  expect(await get(endpoint)).toBe(401);
  expect(await get(endpoint, { authorization: `BackendAI ${made.secret}` })).toBe(200);
  await wish("revokeToken", { id: made.token.id }, "token { id revokedAt }");
  await expect.poll(() => get(endpoint, { authorization: `BackendAI ${made.secret}` }), { timeout: 3000, interval: 20 }).toBe(401);

  await wish("terminateService", { id }, "service { id status }");
  await done.promise;
  expect(statuses.at(-1)).toBe("TERMINATED");
  watching.unsubscribe();
  client.stop();
  await live.dispose();
});
