/**
 * Asks one address once whether it serves: over HTTP by its definition's `health_check`; without one, an accepted TCP connection is
 * enough. A redirect is an answer like any other, never followed. Control asks so of every route, the gateway of those that failed it.
 */
import { connect } from "node:net";
import { Agent, request } from "undici";
import { messageOf } from "./failure.ts";
import type { HealthCheck } from "./model/model-definition.ts";
import { plainText } from "./model/words.ts";

export type ProbeOutcome = { readonly passed: boolean; readonly detail: string; readonly at: Date };

export type Asked = { readonly host: string; readonly port: number; readonly healthCheck: HealthCheck | null };
export type Health = {
  /** Never throws; ends soon after its signal. */
  readonly ask: (asked: Asked, signal: AbortSignal) => Promise<ProbeOutcome>;
} & AsyncDisposable;

const bodyBytesMax = 64 * 1024;
/** Where the definition says nothing. */
const connectionSecondsMax = 5;

export function openHealth(): Health {
  const agent = new Agent({ pipelining: 0, connect: { timeout: 5000 }, allowH2: false, maxOrigins: Infinity });
  return {
    async ask(asked, signal) {
      const outcome = await (asked.healthCheck === null ? askConnection(asked, signal) : askHttp(asked, asked.healthCheck, agent, signal));
      return { ...outcome, at: new Date() };
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

type Answer = Pick<ProbeOutcome, "passed" | "detail">;

async function askHttp(asked: Asked, check: HealthCheck, agent: Agent, signal: AbortSignal): Promise<Answer> {
  const host = asked.host.includes(":") ? `[${asked.host}]` : asked.host;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(check.max_wait_time * 1000)]);
  try {
    const answer = await request(`http://${host}:${asked.port}${check.path}`, {
      dispatcher: agent,
      signal: limit,
      headers: { "user-agent": "serai-probe" },
    });
    await answer.body.dump({ limit: bodyBytesMax }).catch(() => {});
    const passed = answer.statusCode === check.expected_status_code;
    return { passed, detail: passed ? "" : `answered ${answer.statusCode}, expected ${check.expected_status_code}` };
  } catch (thrown) {
    return { passed: false, detail: limit.aborted ? `no answer within ${check.max_wait_time} s` : plainReason(thrown) };
  }
}

function askConnection(asked: Asked, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host: asked.host, port: asked.port, signal, timeout: connectionSecondsMax * 1000 });
    const end = (answer: Answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end({ passed: true, detail: "" }));
    socket.once("timeout", () => end({ passed: false, detail: `no connection within ${connectionSecondsMax} s` }));
    socket.once("error", (error) => end({ passed: false, detail: plainReason(error) }));
  });
}

function plainReason(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code;
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "the connection was cut before an answer";
  return plainText(messageOf(thrown));
}
