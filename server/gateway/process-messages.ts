/** What the primary and the gateway's processes tell each other. Plain data, as structured clone has it. */
import type { MetricsSnapshot } from "../metrics.ts";
import type { CertificatePair } from "./certificates.ts";
import type { AddressCounts } from "./connection-limits.ts";
import type { GatewayOptions } from "./gateway.ts";
import type { SavedTable } from "./saved-table.ts";

/** Whether the primary hears the database, and for how long it has not been certain of that; null: it never was. */
export type Hearing = { readonly hears: boolean; readonly silentMs: number | null };

/** All that is said of a gateway and is plain data. */
type PlainOptions = Omit<
  GatewayOptions,
  "store" | "changes" | "verifier" | "certificates" | "trustedProxies" | "log" | "onEnd" | "tablePath" | "saved" | "connectionChanges"
>;

export type ProcessSettings = PlainOptions & {
  readonly trustedProxies: readonly string[];
  readonly logLevel: string;
  /** Null: no request is logged. */
  readonly accessLogShare: number | null;
  /** For how long requests may go on when it is to end. */
  readonly drainMs: number;
};

export type Beginning = ProcessSettings & {
  readonly certificate: CertificatePair | null;
  readonly hearing: Hearing;
  /** What is known, where the database does not answer. */
  readonly saved: SavedTable | null;
};

export type ToProcess =
  | { readonly kind: "begin"; readonly beginning: Beginning }
  | { readonly kind: "returned"; readonly call: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly call: number; readonly reason: string }
  | { readonly kind: "heard"; readonly hearing: Hearing; readonly changes: readonly string[] }
  | { readonly kind: "certificate"; readonly pair: CertificatePair }
  /** Null: that process is gone. */
  | { readonly kind: "connections"; readonly from: number; readonly counts: AddressCounts | null }
  | { readonly kind: "measure" }
  | { readonly kind: "drain" }
  | { readonly kind: "end" };

export type FromProcess =
  | { readonly kind: "call"; readonly call: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: "open"; readonly port: number }
  | { readonly kind: "notOpened"; readonly isConfig: boolean; readonly reason: string }
  | { readonly kind: "connections"; readonly counts: AddressCounts }
  | { readonly kind: "measured"; readonly metrics: MetricsSnapshot }
  | { readonly kind: "drained" };
