/** A real Nomad that lets nobody in without a certificate of its own authority and a token: one agent, server and client. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Agent, request } from "undici";
import { findNomad } from "./nomad.ts";
import { agentOf, type NomadAgent } from "./nomad-agent.ts";
import { clientRole, commonConfig, serverRole } from "./nomad-config.ts";
import { claimPortRange, freePorts } from "./ports.ts";
import { killEverythingOf, unmountEverythingUnder } from "./remains.ts";

export type SecuredNomad = AsyncDisposable & {
  readonly address: string;
  readonly agent: NomadAgent;
  /** Paths of PEM files, for whoever wants to talk to it. */
  readonly certificates: { readonly caCert: string; readonly clientCert: string; readonly clientKey: string };
  /** The answer of the API to who may do everything. */
  ask(method: "GET", path: string): Promise<unknown>;
  /** A token with this policy alone. */
  createToken(policy: string): Promise<NomadToken>;
  revokeToken(token: NomadToken): Promise<void>;
  /** The answer of the API to who may do everything. */
  get(path: string): Promise<unknown>;
};

export type NomadToken = { readonly AccessorID: string; readonly SecretID: string };

const run = promisify(execFile);

export async function startSecuredNomad(): Promise<SecuredNomad> {
  const binary = findNomad();
  if (binary === null) throw new Error("There is no Nomad here: sh test/nomad/build.sh makes one.");
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-nomad-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  opened.defer(() => unmountEverythingUnder(directory));
  opened.defer(() => killEverythingOf(directory));
  await run(binary, ["tls", "ca", "create"], { cwd: directory });
  for (const kind of ["-server", "-cli"]) await run(binary, ["tls", "cert", "create", kind], { cwd: directory });
  const pem = (name: string): string => join(directory, `${name}.pem`);
  const certificates = { caCert: pem("nomad-agent-ca"), clientCert: pem("global-cli-nomad"), clientKey: pem("global-cli-nomad-key") };

  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  const range = opened.use(await claimPortRange());
  const dispatcher = new Agent({
    connect: { ca: readFileSync(certificates.caCert), cert: readFileSync(certificates.clientCert), key: readFileSync(certificates.clientKey) },
  });
  opened.defer(() => dispatcher.close());
  const address = `https://127.0.0.1:${http}`;
  let management = "";
  async function ask<T>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T> {
    const headers = management === "" ? {} : { "x-nomad-token": management };
    const answer = await request(`${address}${path}`, { method, dispatcher, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  const config = {
    ...commonConfig(join(directory, "agent"), "agent", { http, rpc, serf }, { dockerHost: null, gpus: null }),
    server: serverRole,
    client: clientRole([rpc], "default", range),
    acl: { enabled: true },
    tls: {
      http: true,
      rpc: true,
      ca_file: certificates.caCert,
      cert_file: pem("global-server-nomad"),
      key_file: pem("global-server-nomad-key"),
      verify_server_hostname: true,
      verify_https_client: true,
    },
  };
  const agent = await agentOf({ binary, directory, name: "agent", port: http, config, environment: {}, get: (path) => ask("GET", path) }, opened);
  await agent.start();
  management = (await ask<NomadToken>("POST", "/v1/acl/bootstrap")).SecretID;
  let made = 0;
  const lifetime = opened.move();
  return {
    address,
    agent,
    certificates,
    ask,
    async createToken(policy) {
      const name = `policy-${++made}`;
      await ask("POST", `/v1/acl/policy/${name}`, { Name: name, Rules: policy });
      return ask<NomadToken>("POST", "/v1/acl/token", { Name: name, Type: "client", Policies: [name] });
    },
    get: (path) => ask("GET", path),
    revokeToken: async ({ AccessorID }) => ask("DELETE", `/v1/acl/token/${AccessorID}`),
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}
