/** What a script that uses Serai's API would write: documents over HTTP, subscriptions over WebSocket. */
import { createClient } from "graphql-ws";
import { expect } from "vitest";
import { WebSocket } from "ws";
import type { Serai } from "./serai.ts";

export type Fields = Record<string, unknown>;
export type GraphQL = {
  /** The data of an answer without errors. */
  ask(document: string, variables?: Fields): Promise<Fields>;
  /** The success of a mutation; anything else fails the test with what was said. */
  wish(mutation: string, input: Fields, selection: string): Promise<Fields>;
  /** Everything that a subscription gives, until the signal ends it. */
  follow(document: string, variables: Fields, signal: AbortSignal): AsyncIterable<Fields>;
} & AsyncDisposable;

export function graphqlOf(serai: Pick<Serai, "url" | "adminToken">): GraphQL {
  const authorization = `Bearer ${serai.adminToken}`;
  const url = new URL("/graphql", serai.url);
  const live = createClient({
    url: url.toString().replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    lazy: true,
    retryAttempts: 5,
  });

  async function ask(document: string, variables: Fields = {}): Promise<Fields> {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: document, variables }),
    });
    const body = (await answer.json()) as { data?: Fields; errors?: unknown };
    if (body.errors !== undefined || body.data === undefined) throw new Error(`HTTP ${answer.status} ${JSON.stringify(body)}`);
    return body.data;
  }

  return {
    ask,
    async wish(mutation, input, selection) {
      const type = mutation.charAt(0).toUpperCase() + mutation.slice(1);
      const data = await ask(
        `mutation ($input: ${type}Input!) { ${mutation}(input: $input) {
          __typename ... on ${type}Success { ${selection} } ... on Error { message } } }`,
        { input },
      );
      const result = data[mutation] as Fields;
      expect(result, `${mutation} ${JSON.stringify(input)}`).toMatchObject({ __typename: `${type}Success` });
      return result;
    },
    async *follow(document, variables, signal) {
      const items = live.iterate<Fields>({ query: document, variables });
      const stop = () => void items.return?.();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const item of items) {
          if (item.errors !== undefined) throw new Error(JSON.stringify(item.errors));
          if (item.data) yield item.data;
        }
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    [Symbol.asyncDispose]: async () => live.dispose(),
  };
}
