/** One service as a user of the API sees it, with the few questions that every story asks. */
import { expect } from "vitest";
import type { Fields, GraphQL } from "../support/graphql.ts";

export const patience = { timeout: 60_000, interval: 100 };

export type StoryService = {
  readonly id: string;
  readonly folderId: string;
  readonly endpoint: string;
  read(selection: string): Promise<Fields>;
  becomes(status: string): Promise<void>;
};

/** @param api asked anew each time: a story may restart Serai. */
export async function createStoryService(api: () => GraphQL, name: string, definition: string, wish: Fields = {}): Promise<StoryService> {
  const { folder } = await api().wish("createFolder", { name, usage: "MODEL" }, "folder { id }");
  const folderId = (folder as Fields)["id"] as string;
  await api().wish("writeFile", { folderId, path: "model-definition.yml", content: definition }, "file { path size }");
  const { service } = await api().wish("createService", { name, folderId, ...wish }, "service { id endpoint status }");
  const { id, endpoint } = service as { id: string; endpoint: string };
  const read = async (selection: string) => {
    const data = await api().ask(`query ($id: ID!) { service(id: $id) { ${selection} } }`, { id });
    return (data["service"] ?? {}) as Fields;
  };
  return {
    id,
    folderId,
    endpoint,
    read,
    becomes: (status) => expect.poll(async () => read("status statusReason"), patience).toMatchObject({ status }),
  };
}

/** The status of a GET, or what went wrong instead of an answer. */
export async function get(url: string, headers: Record<string, string> = {}): Promise<number | string> {
  try {
    const answer = await fetch(url, { headers });
    await answer.arrayBuffer();
    return answer.status;
  } catch (thrown) {
    return String(thrown);
  }
}
