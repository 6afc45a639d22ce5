/** Calls the endpoint from the browser as any client does: through the gateway, with a token where one is needed, and without cookies. */
import { useCallback } from "react";
import type { ServiceDetail } from "../service/service-detail.ts";
import { useTrialToken } from "./use-trial-token.ts";

type CallRequest = {
  readonly method?: string;
  /** Begins with a slash. */
  readonly path: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | null;
  readonly signal: AbortSignal;
};

export type Call = (request: CallRequest) => Promise<Response>;

/** Resolves with the head of the answer, whatever its status; rejects with words for the user, or where it was aborted. */
export function useCall({ id, endpoint, openToPublic }: ServiceDetail): Call {
  const tokenOf = useTrialToken(id);
  return useCallback(
    async ({ method = "GET", path, headers = [], body = null, signal }) => {
      const sent = new Headers(headers.map(([name, value]) => [name, value]));
      if (!openToPublic && !sent.has("authorization")) sent.set("authorization", `Bearer ${await tokenOf()}`);
      signal.throwIfAborted();
      try {
        return await fetch(`${endpoint}${path}`, { method, headers: sent, body, signal, credentials: "omit", cache: "no-store" });
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        throw new Error(whyNot(endpoint), { cause: thrown });
      }
    },
    [endpoint, openToPublic, tokenOf],
  );
}

/** Browsers tell no page what went wrong. */
function whyNot(endpoint: string): string {
  if (location.protocol === "https:" && endpoint.startsWith("http:")) {
    return "This page came over https, and from such a page browsers call no http endpoint. It can be called from elsewhere.";
  }
  return `The browser got no answer from ${endpoint} that this page may read. Either it cannot be reached from here, the connection broke off, or ${location.origin} is missing in the gateway's SERAI_CONSOLE_ORIGINS.`;
}

export const isAbort = (thrown: unknown): boolean => thrown instanceof DOMException && thrown.name === "AbortError";
export const inWords = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
