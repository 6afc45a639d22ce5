/** OpenAI's own client, told nothing but the gateway's main address, against the chat that the first start serves. */
import OpenAI, { AuthenticationError, NotFoundError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { freePorts } from "../support/ports.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { patience } from "./service-of.ts";

const messages = [{ role: "user" as const, content: "What is a caravanserai?" }];

describe("OpenAI's client at the gateway's main address", { timeout: 120_000 }, () => {
  let serai: Serai;
  let api: GraphQL;
  let baseURL: string;
  let id: string;
  const client = (apiKey = "none") => new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  const modify = (change: Fields) => api.wish("modifyService", { id, ...change }, "service { name aliases }");
  const tokenOf = async () => (await api.wish("createToken", { serviceId: id, name: "app" }, "secret"))["secret"] as string;

  beforeAll(async () => {
    const [port] = await freePorts(1);
    serai = await startSerai({ env: { SERAI_GATEWAY_PORT: String(port) } });
    api = graphqlOf(serai);
    baseURL = `http://127.0.0.1:${port}/v1`;
    const { service } = await api.ask(`{ service(name: "tiny-chat") { id } }`);
    id = (service as { id: string }).id;
  }, 120_000);
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await serai?.[Symbol.asyncDispose]();
  });

  test("finds the models, and has an answer whole and streamed", async () => {
    const names = async () => (await client().models.list()).data.map((model) => model.id);
    await expect.poll(names, patience).toEqual(["simple-http-server", "tiny-chat"]);
    const ask = () => client().chat.completions.create({ model: "tiny-chat", messages, seed: 7 });
    await expect.poll(() => ask().then(() => "answered", String), patience).toBe("answered");
    const whole = (await ask()).choices[0]?.message.content;
    let streamed = "";
    for await (const chunk of await client().chat.completions.create({ model: "tiny-chat", messages, seed: 7, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? "";
    expect(streamed).toBe(whole);
    expect((await client().completions.create({ model: "tiny-chat", prompt: "The inn", max_tokens: 5 })).choices[0]?.text).not.toBe("");
  });

  test("is told of private models what its token is for, and nothing of others", async () => {
    const token = await tokenOf();
    await modify({ openToPublic: false, aliases: ["acme/chat"] });
    const ask = (model: string, apiKey?: string) => client(apiKey).chat.completions.create({ model, messages });
    await expect.poll(() => ask("tiny-chat").catch((thrown: unknown) => thrown), patience).toBeInstanceOf(AuthenticationError);
    await expect(ask("nothing")).rejects.toBeInstanceOf(AuthenticationError);
    await expect(ask("nothing", token)).rejects.toMatchObject({ status: 404, code: "model_not_found", type: "not_found_error" });
    await expect(ask("nothing", token)).rejects.toBeInstanceOf(NotFoundError);
    expect((await client(token).models.list()).data.map((model) => model.id)).toEqual(["simple-http-server", "tiny-chat", "acme/chat"]);
    expect((await client().models.list()).data.map((model) => model.id)).toEqual(["simple-http-server"]);
    expect((await client(token).models.retrieve("acme/chat")).id).toBe("acme/chat");
    expect((await ask("tiny-chat", token)).choices).toHaveLength(1);
    // The model is told the name that was asked for, and this one knows only its own.
    await expect(ask("acme/chat", token)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining("this server has 'tiny-chat'") as string,
    });
  });
});
