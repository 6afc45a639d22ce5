/**
 * One of several gateway processes, started by the primary (gateway/processes.ts), which holds the sockets and the database. It is a whole
 * gateway: its own row, its own connections to routes, its own share of the clients.
 *
 * Ctrl-C reaches it as well as the primary, which then says when to end. A SIGTERM is for it alone: it takes nothing more, finishes, and the
 * primary starts another. Without its primary it ends at once.
 */
import { AppError, messageOf } from "./failure.ts";
import { createVerifierOver } from "./auth/verifier.ts";
import { logAccess } from "./gateway/access-log.ts";
import { inRanges } from "./gateway/address-ranges.ts";
import { createCertificates } from "./gateway/certificates.ts";
import { type Gateway, measureGateway, openGateway } from "./gateway/gateway.ts";
import { createGatewayLink, type GatewayLink } from "./gateway/gateway-link.ts";
import type { Beginning, FromProcess, ToProcess } from "./gateway/process-messages.ts";
import { createAccessLog, createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";

const tellConnectionsEveryMs = 100;
const metrics = createMetrics();

/** Where the primary is gone, so is this process: Node ends it. */
const send = (message: FromProcess): void => void (process.connected && process.send?.(message));

type Running = { readonly gateway: Gateway; readonly link: GatewayLink; readonly certificates: ReturnType<typeof createCertificates> | null };

async function begin({ certificate, hearing, saved, trustedProxies, logLevel, accessLogShare, ...settings }: Beginning): Promise<Running> {
  const link = createGatewayLink(send, hearing);
  process.on("message", link.heed);
  const certificates = certificate === null ? null : createCertificates(certificate);
  const connectionChanges = new Map<string, number>();
  const gateway = await openGateway({
    ...settings,
    connectionChanges,
    ...link,
    certificates,
    trustedProxies: inRanges(trustedProxies),
    verifier: await createVerifierOver(link.store.readPublicKeys, hearing.hears ? [] : saved?.keys),
    saved: hearing.hears ? null : saved,
    log: createLog(logLevel),
    onEnd: accessLogShare === null ? null : logAccess(createAccessLog().log, accessLogShare),
  });
  measureGateway(metrics, gateway);
  setInterval(() => {
    if (connectionChanges.size > 0) send({ kind: "connections", counts: [...connectionChanges] });
    connectionChanges.clear();
  }, tellConnectionsEveryMs);
  process.on("SIGTERM", () => void gateway.drain(settings.drainMs).then(() => end(gateway)));
  return { gateway, link, certificates };
}

const measure = async (): Promise<void> => send({ kind: "measured", metrics: await metrics.snapshot() });

async function end(gateway: Gateway): Promise<never> {
  await gateway[Symbol.asyncDispose]();
  await measure();
  return process.exit(0);
}

async function heed({ gateway, certificates }: Running, message: ToProcess, drainMs: number): Promise<void> {
  if (message.kind === "certificate") certificates?.replace(message.pair);
  if (message.kind === "connections") gateway.heedConnections(message.from, message.counts);
  if (message.kind === "measure") await measure();
  if (message.kind === "drain") {
    await gateway.drain(drainMs);
    send({ kind: "drained" });
  }
  if (message.kind === "end") await end(gateway);
}

for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.once("message", (first: ToProcess) => {
  if (first.kind !== "begin") return;
  const running = begin(first.beginning);
  process.on("message", (message: ToProcess) => void running.then((all) => heed(all, message, first.beginning.drainMs)));
  running.then(
    ({ gateway }) => send({ kind: "open", port: gateway.port }),
    (thrown: unknown) => {
      const isConfig = thrown instanceof AppError && thrown.code === "CONFIG_INVALID";
      process.send?.({ kind: "notOpened", isConfig, reason: messageOf(thrown) } satisfies FromProcess, () => process.exit(1));
    },
  );
});
