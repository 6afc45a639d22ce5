/**
 * The whole path, as a user walks it: the same promises on the local scheduler and on a real Nomad.
 * Everything goes through the API, the gateway and real processes; nothing is looked up inside Serai.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitsWithOne, guideExample, neverListens } from "../control/definitions.ts";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { createStoryService, get, patience } from "./service-of.ts";

export type StoryWorld = {
  /** Set for every Serai of this world. */
  readonly env: Readonly<Record<string, string>>;
  /** Process ids of the session of a route. */
  processesOf(sessionId: string): Promise<readonly number[]>;
} & AsyncDisposable;

const claimsOf = (token: string): unknown => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));

export function describeStory(where: string, openWorld: () => Promise<StoryWorld>): void {
  describe(`The story ${where}`, { timeout: 180_000 }, () => {
    let world: StoryWorld;
    let serai: Serai;
    let api: GraphQL;
    beforeAll(async () => {
      world = await openWorld();
      serai = await startSerai({ env: { SERAI_EXAMPLES: "0", ...world.env } });
      api = graphqlOf(serai);
    });
    afterAll(async () => {
      await api?.[Symbol.asyncDispose]();
      await serai?.[Symbol.asyncDispose]();
      await world?.[Symbol.asyncDispose]();
    });

    const sessionsOf = async (id: string): Promise<string[]> => {
      const data = await api.ask("query ($id: ID!) { service(id: $id) { routes { sessionId status } } }", { id });
      return ((data["service"] as Fields)["routes"] as { sessionId: string }[]).map((route) => route.sessionId);
    };

    test("the guide's example becomes HEALTHY and answers through its endpoint; two routes of it share the machine", async () => {
      const service = await createStoryService(() => api, "guide", guideExample, { openToPublic: true, desiredRouteCount: 2 });
      await service.becomes("HEALTHY");
      expect(await get(service.endpoint)).toBe(200);
      expect(await service.read("routeCounts { desired healthy } statusReason")).toEqual({
        routeCounts: { desired: 2, healthy: 2 },
        statusReason: "Serving: 2 of 2 routes healthy.",
      });
      const processes = await Promise.all((await sessionsOf(service.id)).map((session) => world.processesOf(session)));
      expect(processes.map((ids) => ids.length > 0)).toEqual([true, true]);
    });

    test("a private service wants its own, valid token, in either scheme", async () => {
      const service = await createStoryService(() => api, "private", guideExample);
      const other = await createStoryService(() => api, "other", guideExample);
      await service.becomes("HEALTHY");
      await other.becomes("HEALTHY");
      const tokenOf = async (input: Fields) => {
        const made = await api.wish("createToken", input, "token { id } secret");
        return { id: (made["token"] as Fields)["id"] as string, secret: made["secret"] as string };
      };
      const good = await tokenOf({ serviceId: service.id, name: "good" });
      const others = await tokenOf({ serviceId: other.id });
      const soon = await tokenOf({ serviceId: service.id, expiresAt: new Date(Date.now() + 1500).toISOString() });
      expect(await get(service.endpoint)).toBe(401);
      expect(await get(service.endpoint, { authorization: `BackendAI ${others.secret}` })).toBe(401);
      expect(await get(service.endpoint, { authorization: `BackendAI ${good.secret}` })).toBe(200);
      expect(await get(service.endpoint, { authorization: `Bearer ${good.secret}` })).toBe(200);
      await expect.poll(() => get(service.endpoint, { authorization: `Bearer ${soon.secret}` }), { timeout: 10_000 }).toBe(401);

      const copied = String((await api.wish("copyToken", { id: good.id }, "secret"))["secret"]);
      expect(claimsOf(copied)).toEqual(claimsOf(good.secret));
      expect(await get(service.endpoint, { authorization: `BackendAI ${copied}` })).toBe(200);
      await api.wish("revokeToken", { id: good.id }, "token { revokedAt }");
      // Within one second, with threefold slack.
      await expect.poll(() => get(service.endpoint, { authorization: `Bearer ${good.secret}` }), { timeout: 3000, interval: 20 }).toBe(401);
      await api.wish("modifyService", { id: service.id, openToPublic: true, name: "no-longer-private" }, "service { name endpoint }");
      await expect.poll(() => get(service.endpoint), { timeout: 3000, interval: 20 }).toBe(200);
    });

    test("kill -9 of a session's process: it comes back by itself at the same endpoint, and with two routes no request fails", async () => {
      const service = await createStoryService(() => api, "killed", guideExample, { openToPublic: true, desiredRouteCount: 2 });
      await service.becomes("HEALTHY");
      const calling = new AbortController();
      const failures: (number | string)[] = [];
      let calls = 0;
      const client = (async () => {
        while (!calling.signal.aborted) {
          const answer = await get(service.endpoint);
          calls += 1;
          if (answer !== 200) failures.push(answer);
        }
      })();
      const [session = ""] = await sessionsOf(service.id);
      const before = await world.processesOf(session);
      for (const pid of before) process.kill(pid, "SIGKILL");
      const backingOff = async () => {
        const data = (await service.read("events(last: 200) { edges { event { status } } }")) as {
          events: { edges: { event: { status: string | null } }[] };
        };
        return data.events.edges.map(({ event }) => event.status);
      };
      await expect.poll(backingOff, patience).toContain("BACKING_OFF");
      await service.becomes("HEALTHY");
      const callsAtReturn = calls;
      await expect.poll(() => calls, patience).toBeGreaterThan(callsAtReturn + 20);
      calling.abort();
      await client;
      expect(failures).toEqual([]);
      expect(await service.read("endpoint")).toEqual({ endpoint: service.endpoint });
    });

    test("kill -9 of Serai and a new start: services, tokens and endpoints are as before", async () => {
      const service = await createStoryService(() => api, "outlives", guideExample);
      await service.becomes("HEALTHY");
      const { secret } = await api.wish("createToken", { serviceId: service.id }, "secret");
      const authorization = `BackendAI ${String(secret)}`;
      const processes = await world.processesOf((await sessionsOf(service.id))[0] ?? "");
      await serai.end("SIGKILL");
      await api[Symbol.asyncDispose]();
      const { dataDirectory, endpointPorts } = serai;
      const dead = serai;
      const startedAt = Date.now();
      serai = await startSerai({ env: { SERAI_EXAMPLES: "0", ...world.env }, dataDirectory, endpointPorts });
      // The directory is removed, and the ports are given back, when the first one is disposed of: after the second one.
      const second = serai;
      serai = { ...second, [Symbol.asyncDispose]: async () => (await second[Symbol.asyncDispose](), dead[Symbol.asyncDispose]()) };
      api = graphqlOf(serai);
      // Within three seconds of the start, with threefold slack.
      await expect.poll(() => get(service.endpoint, { authorization }), { timeout: 9000 - (Date.now() - startedAt), interval: 50 }).toBe(200);
      await service.becomes("HEALTHY");
      expect(await world.processesOf((await sessionsOf(service.id))[0] ?? "")).toEqual(processes);
    });

    test.each([
      { wrong: "a start command that exits 1", name: "exits", definition: exitsWithOne, says: /exited with code 1/ },
      { wrong: "a port that is never opened", name: "deaf", definition: neverListens, says: /Nothing listened on port 8000|No health check passed/ },
      { wrong: "a broken definition", name: "broken", definition: "models:\n  - name: x\n", says: /`model_path` is missing/ },
    ])(
      "$wrong: UNHEALTHY with one plain sentence, and HEALTHY after the file is fixed and errors are cleared",
      async ({ name, definition, says }) => {
        const service = await createStoryService(() => api, name, definition, { openToPublic: true });
        await service.becomes("UNHEALTHY");
        const seen = await service.read("statusReason routes { status retryAt }");
        expect(seen["statusReason"]).toMatch(says);
        if (name !== "broken") expect(seen["routes"]).toMatchObject([{ status: "BACKING_OFF", retryAt: expect.any(String) }]);
        await api.wish("writeFile", { folderId: service.folderId, path: "model-definition.yml", content: guideExample }, "file { size }");
        await api.wish("clearErrorsAndRetry", { id: service.id }, "service { id }");
        await service.becomes("HEALTHY");
        expect(await get(service.endpoint)).toBe(200);
      },
    );

    test("a start action that fails is named with its output wherever the service is; fixed and retried, the service is HEALTHY", async () => {
      const withAction = (script: string) =>
        guideExample.replace(
          "      start_command",
          `      pre_start_actions:\n        - action: mkdir\n          args: { path: cache }\n        - action: run_command\n          args: { command: [sh, -c, "${script}"] }\n      start_command`,
        );
      const service = await createStoryService(() => api, "prepared", withAction("echo fetching; echo no such weights >&2; exit 3"), {
        openToPublic: true,
      });
      await service.becomes("UNHEALTHY");
      const named = "pre_start_actions[1] (run_command) failed with exit code 3: no such weights";
      expect(await service.read("statusReason failure { cause message hint }")).toMatchObject({
        statusReason: `0 of 1 route healthy. ${named}.`,
        failure: { cause: "ACTION_FAILED", message: named, hint: expect.stringContaining("ignore_errors") },
      });
      const history = async () => {
        const { events } = await service.read(
          "events(last: 200) { edges { node { kind status action { index action exitCode timedOut durationMs out err } } } }",
        );
        return (events as { edges: readonly { node: { kind: string; status: string | null; action: Fields | null } }[] }).edges.map(
          ({ node }) => node,
        );
      };
      const actions = async () => (await history()).filter(({ kind }) => kind === "ACTION").map(({ action }) => action);
      await expect.poll(actions, patience).toContainEqual(expect.objectContaining({ index: 0, action: "mkdir", exitCode: 0 }));
      await expect
        .poll(actions, patience)
        .toContainEqual(
          expect.objectContaining({ index: 1, action: "run_command", exitCode: 3, timedOut: false, out: "fetching\n", err: "no such weights\n" }),
        );

      const firstStart = (await history()).map(
        ({ kind, status, action }) => status ?? (action === null ? kind : `${kind} ${String(action["index"])}`),
      );
      const order = ["STARTED", "ACTION 0", "ACTION 1", "EXITED", "BACKING_OFF"].map((one) => firstStart.indexOf(one));
      expect(order).toEqual(order.toSorted((one, other) => one - other));
      expect(order).not.toContain(-1);

      const fixed = withAction("echo fetched; touch cache/weights");
      await api.wish("writeFile", { folderId: service.folderId, path: "model-definition.yml", content: fixed }, "file { size }");
      await api.wish("clearErrorsAndRetry", { id: service.id }, "service { id }");
      await service.becomes("HEALTHY");
      expect(await get(service.endpoint)).toBe(200);
      await expect.poll(actions, patience).toContainEqual(expect.objectContaining({ index: 1, exitCode: 0, out: "fetched\n", err: "" }));
      await api.wish("terminateService", { id: service.id }, "service { id }");
    });

    test("while actions run the service says which, and until when a first pass is awaited", async () => {
      const slow = guideExample.replace(
        "      start_command",
        `      pre_start_actions:\n        - action: run_command\n          args: { command: [sh, -c, "until [ -e go ]; do sleep 0.1; done"] }\n      start_command`,
      );
      const service = await createStoryService(() => api, "slow", slow);
      await expect
        .poll(async () => (await service.read("statusReason"))["statusReason"], patience)
        .toBe("Starting: 0 of 1 route healthy. Runs pre_start_actions[0] (run_command), 1 of 1 action.");
      const { routes } = await service.read("routes { status statusAt firstPassDueAt }");
      const [route] = routes as readonly { statusAt: string; firstPassDueAt: string }[];
      expect(Date.parse(route?.firstPassDueAt ?? "") - Date.parse(route?.statusAt ?? "")).toBe(1800_000);
      await api.wish("writeFile", { folderId: service.folderId, path: "go", content: "" }, "file { size }");
      await service.becomes("HEALTHY");
      expect(await service.read("routes { firstPassDueAt }")).toEqual({ routes: [{ firstPassDueAt: null }] });
      await api.wish("terminateService", { id: service.id }, "service { id }");
    });

    test("routeEvents gives every status in order, service(id) the present state first and always the last", async () => {
      const service = await createStoryService(() => api, "watched", guideExample, { openToPublic: true });
      const ending = new AbortController();
      const statuses: string[] = [];
      const events = (async () => {
        const document = "subscription ($id: ID!) { routeEvents(serviceId: $id) { cursor event { kind status } } }";
        for await (const data of api.follow(document, { id: service.id }, ending.signal)) {
          const { event } = data["routeEvents"] as { event: { kind: string; status: string | null } };
          if (event.kind === "STATUS") statuses.push(event.status ?? "");
          if (event.status === "TERMINATED") return;
        }
      })();
      const states: string[] = [];
      const whole = (async () => {
        for await (const data of api.follow("subscription ($id: ID!) { service(id: $id) { status } }", { id: service.id }, ending.signal)) {
          states.push((data["service"] as { status: string }).status);
        }
      })();
      await service.becomes("HEALTHY");
      await api.wish("terminateService", { id: service.id }, "service { status }");
      await Promise.all([events, whole]);
      expect(statuses).toEqual(["PENDING", "SCHEDULING", "PREPARING", "WARMING_UP", "HEALTHY", "DRAINING", "TERMINATED"]);
      const order = ["PROVISIONING", "HEALTHY", "TERMINATING", "TERMINATED"];
      expect(states.map((state) => order.indexOf(state))).toEqual(states.map((state) => order.indexOf(state)).sort((one, other) => one - other));
      expect(states.at(-1)).toBe("TERMINATED");
      ending.abort();
    });

    test("terminating: gone from the list, every process gone, and the address free only then", async () => {
      const service = await createStoryService(() => api, "ending", guideExample, { openToPublic: true });
      await service.becomes("HEALTHY");
      const [session = ""] = await sessionsOf(service.id);
      await api.wish("terminateService", { id: service.id }, "service { status }");
      await service.becomes("TERMINATED");
      expect(await world.processesOf(session)).toEqual([]);
      await expect.poll(() => get(service.endpoint), { timeout: 10_000 }).toMatch(/fetch failed/);
      const { services } = (await api.ask("{ services(first: 100) { edges { node { id } } } }")) as {
        services: { edges: { node: { id: string } }[] };
      };
      expect(services.edges.map(({ node }) => node.id)).not.toContain(service.id);
    });

    test("a session sees none of Serai's own secrets, and neither the console's cookie nor a token reaches a model", async () => {
      const tell =
        "import http.server, json, os\\nclass H(http.server.BaseHTTPRequestHandler):\\n  def do_GET(self):\\n    body = json.dumps({'env': dict(os.environ), 'headers': self.headers.items()}).encode()\\n    self.send_response(200); self.send_header('content-length', str(len(body))); self.end_headers(); self.wfile.write(body)\\n  def log_message(self, *a): pass\\nimport sys\\nhttp.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()";
      const definition = `models:\n  - name: teller\n    model_path: /models\n    service:\n      start_command: ["python", "-c", "${tell}", "8000"]\n      port: 8000\n`;
      const service = await createStoryService(() => api, "teller", definition);
      await service.becomes("HEALTHY");
      const { secret } = await api.wish("createToken", { serviceId: service.id }, "secret");
      const answer = await fetch(service.endpoint, {
        headers: { authorization: `Bearer ${String(secret)}`, cookie: "mine=1; serai_session=stolen", "x-other": "stays" },
      });
      const { env, headers } = (await answer.json()) as { env: Record<string, string>; headers: [string, string][] };
      expect(Object.keys(env).filter((name) => /SERAI_(?!HOME|SESSION)|DATABASE|NOMAD_(?!PORT)/.test(name))).toEqual([]);
      expect(JSON.stringify(env)).not.toContain(serai.adminToken);
      const sent = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
      expect(sent.get("cookie")).toBe("mine=1");
      expect(sent.get("x-other")).toBe("stays");
      expect(sent.has("authorization")).toBe(false);
    });
  });
}
