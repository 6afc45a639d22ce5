import { describe, expect, test } from "vitest";
import { readRouteTable } from "../../server/store/route-table.ts";
import { testApi, type TestApi } from "../support/api.ts";

const selection = "service { id name aliases allowedOrigins }";

/** What `createService` or `modifyService` says against it. */
async function refusal(api: TestApi, mutation: "createService" | "modifyService", input: object): Promise<unknown> {
  const inputType = mutation === "createService" ? "CreateServiceInput" : "ModifyServiceInput";
  const { data } = await api.ask(
    `mutation ($input: ${inputType}!) { answer: ${mutation}(input: $input) {
      __typename ... on Error { message } ... on ValidationError { fields { path message } } } }`,
    { input },
  );
  return data?.["answer"];
}

describe("Aliases of a service", () => {
  test("are kept as they were given, changed as a whole, and gateways are told", async () => {
    await using api = await testApi();
    const folderId = await api.createFolder("models");
    const { id } = await api.createService("llama", folderId, {
      aliases: ["meta-llama/Llama-3.1-8B", "gpt-4o"],
      allowedOrigins: ["https://app.test"],
    });
    const aliasesInTable = async () =>
      (await readRouteTable(api.database)).map(({ name, aliases, allowedOrigins }) => ({ name, aliases, allowedOrigins }));
    expect(await aliasesInTable()).toEqual([{ name: "llama", aliases: ["meta-llama/Llama-3.1-8B", "gpt-4o"], allowedOrigins: ["https://app.test"] }]);
    const changed = await api.change("modifyService", { id, aliases: ["gpt-4o", "llama", "gpt-4o"], allowedOrigins: null }, selection);
    expect(changed["service"]).toMatchObject({ aliases: ["gpt-4o", "llama"], allowedOrigins: [] });
    expect(await aliasesInTable()).toEqual([{ name: "llama", aliases: ["gpt-4o", "llama"], allowedOrigins: [] }]);
  });

  test("and names are one space in a project: what one service is called by, no other can be", async () => {
    await using api = await testApi();
    const folderId = await api.createFolder("models");
    const { id } = await api.createService("one", folderId, { aliases: ["alias"] });
    const other = await api.createService("two", folderId);
    const taken = { __typename: "ConflictError", message: "The name alias belongs to the service one." };
    expect(await refusal(api, "createService", { name: "alias", folderId })).toEqual(taken);
    expect(await refusal(api, "createService", { name: "three", folderId, aliases: ["new", "alias"] })).toEqual(taken);
    expect(await refusal(api, "modifyService", { id: other.id, name: "alias" })).toEqual(taken);
    expect(await refusal(api, "modifyService", { id: other.id, aliases: ["one"] })).toEqual({
      __typename: "ConflictError",
      message: "The name one belongs to the service one.",
    });
    await api.change("modifyService", { id, aliases: [] }, selection);
    expect((await api.change("modifyService", { id: other.id, aliases: ["alias"] }, selection))["service"].aliases).toEqual(["alias"]);
  });

  test("are free again when the service has ended, and another project's are its own", async () => {
    await using api = await testApi();
    const folderId = await api.createFolder("models");
    const { id } = await api.createService("one", folderId, { aliases: ["alias"] });
    await api.database.sql`update services set terminated_at = now(), terminating_at = now(), status = 'TERMINATED' where id = ${id}`;
    await api.createService("two", folderId, { aliases: ["one", "alias"] });

    const theirs = await api.createOtherUser();
    const folder = await api.change("createFolder", { name: "theirs", usage: "MODEL" }, "folder { id }", theirs);
    const wish = { name: "two", folderId: folder["folder"].id, aliases: ["alias"] };
    expect((await api.change("createService", wish, selection, theirs))["service"].aliases).toEqual(["alias"]);
  });

  test("and origins that are none are refused at their field", async () => {
    await using api = await testApi();
    const folderId = await api.createFolder("models");
    const wrong = {
      aliases: ["ok", "not a name", ""],
      allowedOrigins: ["*", "https://app.test/", "app.test", "HTTPS://App.test", "ftp://x.test", "null"],
    };
    const answer = (await refusal(api, "createService", { name: "one", folderId, ...wrong })) as { fields: { path: string }[] };
    expect(answer.fields.map(({ path }) => path)).toEqual([
      "aliases[1]",
      "aliases[2]",
      ...[1, 2, 3, 4, 5].map((index) => `allowedOrigins[${index}]`),
    ]);
  });
});
