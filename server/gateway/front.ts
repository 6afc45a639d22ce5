/**
 * OpenAI's API at the gateway's main address: what is called is not a service's own address, but a model, and the model is a service's name
 * or one of its aliases.
 *
 * A token is for one service, so it reaches that one and the public ones; names are unique in a project only, so of several public services
 * of one name the oldest is meant, and the token's own before any other. Whoever may not call a model is told what is told of one that does
 * not exist, after the same look at a fresh table.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { subjectOf } from "../auth/verify.ts";
import type { Verifier } from "../auth/verifier.ts";
import type { ServiceId, TokenId } from "../model/ids.ts";
import { tokenIn } from "./authorize.ts";
import { type Problem, problem } from "./errors.ts";
import { hasBody, valuesOf } from "./headers.ts";
import type { ModelReader } from "./model-reader.ts";
import type { RouteTable, TableService } from "./route-table.ts";

export type Front = {
  readonly table: () => RouteTable;
  readonly verifier: Verifier;
  readonly lookAfresh: () => Promise<void>;
  readonly models: ModelReader;
};

/** What GET /v1/models says. */
export type ModelList = { readonly models: unknown };

/** What of the API is answered here; null: something else. */
export type FrontPath = { readonly kind: "call" } | { readonly kind: "list" } | { readonly kind: "model"; readonly name: string };

const calls = new Set(["/v1/chat/completions", "/v1/completions", "/v1/embeddings"]);

export function frontPath(path: string, method: string | undefined): FrontPath | null {
  const [plain = ""] = path.split("?", 1);
  if (calls.has(plain)) return method === "POST" ? { kind: "call" } : null;
  if (method !== "GET" && method !== "HEAD") return null;
  if (plain === "/v1/models") return { kind: "list" };
  const [, name] = /^\/v1\/models\/(.+)$/.exec(plain) ?? [];
  return name === undefined ? null : { kind: "model", name: unescaped(name) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const sample = "a-service";

/**
 * A host that a service could have is a service's own, also where there is none of that name (any more): who calls it must not meet another.
 *
 * @param urlTemplate SERAI_ENDPOINT_URL.
 */
export function serviceHosts(urlTemplate: string): (host: string) => boolean {
  if (!urlTemplate.includes("{service}")) return () => false;
  const [before = "", after = ""] = new URL(urlTemplate.replace("{service}", sample)).hostname.split(sample);
  return (host) => {
    const name = host.replace(/:\d*$/, "").toLowerCase();
    return name.startsWith(before) && name.endsWith(after) && !name.slice(before.length, name.length - after.length).includes(".");
  };
}

/** Which service the body asks for; "gone" where the client has left before it said so. */
export async function serviceByBody(request: IncomingMessage, response: ServerResponse, front: Front): Promise<TableService | Problem | "gone"> {
  const { rawHeaders } = request;
  const codings = valuesOf(rawHeaders, "content-encoding").filter((coding) => coding.trim().toLowerCase() !== "identity");
  if (codings.length > 0) return problem("CODED_BODY");
  if (!hasBody(rawHeaders)) return problem("MODEL_NOT_NAMED");
  const named = await front.models.read(request, response);
  return named === "gone" || "code" in named ? named : serviceCalled(named.model, request, front);
}

export async function answerModels(
  path: FrontPath & { kind: "list" | "model" },
  request: IncomingMessage,
  front: Front,
): Promise<ModelList | Problem> {
  if (path.kind === "model") {
    const service = await serviceCalled(path.name, request, front);
    return "code" in service ? service : { models: card(path.name, service) };
  }
  const own = await ownService(request, front);
  if (own === "refused") return problem("UNAUTHORIZED");
  const callable = [...front.table().byId.values()].filter((service) => isListed(service) && (service === own || service.openToPublic));
  const names = callable.flatMap((service) => [...new Set([service.name, ...service.aliases])].map((name) => card(name, service)));
  return { models: { object: "list", data: names } };
}

const card = (id: string, { createdAtSeconds }: TableService) => ({ id, object: "model", created: createdAtSeconds, owned_by: "serai" });
const isListed = ({ status }: TableService): boolean => status !== "TERMINATING";

async function serviceCalled(name: string, request: IncomingMessage, front: Front): Promise<TableService | Problem> {
  let own: Awaited<ReturnType<typeof ownService>> = null;
  const find = async () => {
    own = await ownService(request, front);
    const called = front.table().byName.get(name) ?? [];
    return called.find((service) => service === own) ?? called.find(({ openToPublic }) => openToPublic);
  };
  let service = await find();
  if (service === undefined) {
    await front.lookAfresh();
    service = await find();
  }
  if (service !== undefined) return service;
  if (own === null || own === "refused") return problem("UNAUTHORIZED", `Without a valid token, there is no model \`${name}\` to call.`);
  return problem("MODEL_NOT_FOUND", `The model \`${name}\` does not exist, or this token is not for it.`);
}

/** The service that the token is for; null without a token of ours, "refused" where it is one, but not valid. */
async function ownService({ rawHeaders }: IncomingMessage, { table, verifier }: Front): Promise<TableService | "refused" | null> {
  const header = tokenIn(rawHeaders);
  if (header.kind !== "token") return null;
  const service = table().byId.get(subjectOf(header.token) as ServiceId);
  if (service === undefined) return verifier.issued(header.token) ? "refused" : null;
  const isRevoked = (id: TokenId) => service.revokedTokens.has(id);
  const verification = await verifier.verify(header.token, { serviceId: service.id, now: new Date(), isRevoked });
  return verification.ok ? service : "refused";
}
