/** The API as users meet it: a real server over HTTP and WebSocket, on a database and a directory of the test's own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { openApi } from "../../server/api/api.ts";
import { openSigner } from "../../server/auth/keys.ts";
import { openFolders, type Folders } from "../../server/folders/folders.ts";
import { silentLog, type Log } from "../../server/log.ts";
import { hostSeed } from "../../server/model/environment-seeds.ts";
import type { FolderId, ServiceId, UserId } from "../../server/model/ids.ts";
import { newId } from "../../server/model/ids.ts";
import type { Observe } from "../../server/model/observe.ts";
import { nomadPages } from "../../server/scheduler/nomad/pages.ts";
import { openChanges, type Changes } from "../../server/store/changes.ts";
import { openDatabase, type Database } from "../../server/store/database.ts";
import type { EndpointRule } from "../../server/store/endpoint.ts";
import { ensureEnvironments } from "../../server/store/environments.ts";
import { ensureInstallation } from "../../server/store/installation.ts";
import { ensureResourceGroup } from "../../server/store/resource-groups.ts";
import { tokenHashOf } from "../../server/store/users.ts";
import { testDatabase } from "./database.ts";

export const adminToken = "the administrator's token in tests".replaceAll(/[ ']/g, "-");

export const guideDefinition = `models:
  - name: "simple-http-server"
    model_path: "/models"
    service:
      start_command:
        - python
        - -m
        - http.server
        - --bind
        - 0.0.0.0
        - "8000"
      port: 8000
      health_check:
        path: /
        max_retries: 5
`;

// Answers are asserted on by tests, not typed twice.
// oxlint-disable-next-line typescript/no-explicit-any
export type Data = Record<string, any>;
export type Answer = { readonly status: number; readonly data: Data | null; readonly errors: readonly Data[] | undefined };

export type TestApi = AsyncDisposable & {
  readonly url: string;
  readonly database: Database;
  readonly changes: Changes;
  readonly folders: Folders;
  readonly foldersDirectory: string;
  /** One operation over HTTP, as the administrator unless another token is given. */
  ask(query: string, variables?: object, token?: string): Promise<Answer>;
  /** The result of a mutation `name(input)` of which only one type is expected; throws what else came. */
  change(name: string, input: object, selection: string, token?: string): Promise<Data>;
  subscribe(query: string, variables?: object, token?: string): Subscription;
  /** A folder with a definition. */
  createFolder(name: string, definition?: string | null): Promise<FolderId>;
  createService(name: string, folderId: FolderId, more?: object): Promise<Data & { id: ServiceId }>;
  /** A second project with a user of its own; its token is given back. */
  createOtherUser(): Promise<string>;
};

export type Subscription = AsyncDisposable & { next(): Promise<Data | null> };

export type TestApiOptions = {
  readonly endpoint?: EndpointRule;
  readonly nodes?: Observe["nodes"];
  readonly preview?: Observe["preview"];
  readonly logs?: Observe["logs"];
  /** Where the scheduler has pages of its own. */
  readonly nomad?: Parameters<typeof nomadPages>[0];
  readonly checkScheduler?: () => Promise<void>;
  readonly clientDirectory?: string;
  readonly log?: Log;
  /** Of another one, to be a second API process of its installation. */
  readonly databaseUrl?: string;
  readonly foldersDirectory?: string;
};

export async function testApi(options: TestApiOptions = {}): Promise<TestApi> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-api-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const database = opened.use(options.databaseUrl === undefined ? await testDatabase() : openDatabase(options.databaseUrl));
  await ensureInstallation(database, { token: adminToken, chosen: true });
  await ensureResourceGroup(database, { name: "default", nodePool: "default" });
  await ensureEnvironments(database, [hostSeed]);
  const secret = "a secret for tests";
  const foldersDirectory = options.foldersDirectory ?? join(directory, "folders");
  const folders = openFolders({ directory: foldersDirectory, database });
  const log = options.log ?? silentLog;
  const changes = opened.use(await openChanges(database, log));
  const api = opened.use(
    await openApi({
      database,
      changes,
      folders,
      signer: await openSigner(database, secret),
      observe: {
        nodes: options.nodes ?? (async () => []),
        preview: options.preview ?? (async () => ({ fits: true })),
        logs: options.logs ?? async function* () {},
        ...nomadPages(options.nomad ?? {}, "test"),
      },
      checkScheduler: options.checkScheduler ?? (async () => {}),
      endpoint: options.endpoint ?? { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 10_999 } },
      host: "127.0.0.1",
      port: 0,
      clientDirectory: options.clientDirectory ?? join(directory, "no-console"),
      log,
      metrics: { text: async () => "serai_up 1\n" },
      secret,
    }),
  );
  const url = `http://127.0.0.1:${api.port}`;
  const lifetime = opened.move();

  async function ask(query: string, variables: object = {}, token = adminToken): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Data;
    return { status: response.status, data: body["data"] ?? null, errors: body["errors"] };
  }

  async function change(name: string, input: object, selection: string, token = adminToken): Promise<Data> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const document = `mutation ($input: ${type}Input!) {
      ${name}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Error { message } ... on ValidationError { fields { path message } } }
    }`;
    const { data, errors } = await ask(document, { input }, token);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data?.[name] as Data;
  }

  return {
    url,
    database,
    changes,
    folders,
    foldersDirectory,
    ask,
    change,
    subscribe: (query, variables, token) => subscribe(url, query, variables ?? {}, token ?? adminToken),
    async createFolder(name, definition = guideDefinition) {
      const { folder } = await change("createFolder", { name, usage: "MODEL" }, "folder { id }");
      const id = folder.id as FolderId;
      if (definition !== null) await folders.writeFile(id, { path: "model-definition.yml", content: definition, ifMatch: null });
      return id;
    },
    async createService(name, folderId, more = {}) {
      const result = await change("createService", { name, folderId, ...more }, "service { id name endpoint status statusReason }");
      if (result["service"] === undefined) throw new Error(JSON.stringify(result));
      return result["service"];
    },
    async createOtherUser() {
      const token = "the-other-user's-token";
      const projectId = newId("project");
      await database.sql`insert into projects (id, name) values (${projectId}, 'other')`;
      await database.sql`
        insert into users (id, name, project_id, role, token_hash)
        values (${newId("user") satisfies UserId}, 'other', ${projectId}, 'MEMBER', ${tokenHashOf(token)})`;
      return token;
    },
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

function subscribe(url: string, query: string, variables: object, token: string): Subscription {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const results = client.iterate({ query, variables: variables as Record<string, unknown> });
  return {
    async next() {
      const { value, done } = await results.next();
      if (done === true) return null;
      if (value.errors !== undefined) throw new Error(JSON.stringify(value.errors));
      return value.data as Data;
    },
    async [Symbol.asyncDispose]() {
      await results.return?.();
      await client.dispose();
    },
  };
}
