/** Whether OpenAI's clients can talk to it: asked of the model itself, once for each revision while the page is open. */
import { useEffect, useState } from "react";
import type { ServiceDetail } from "../service/service-detail.ts";
import { inWords, useCall, type Call } from "./use-call.ts";

export type Models =
  /** Not asked yet, or it does not serve now. */
  | { readonly kind: "unknown" }
  | { readonly kind: "asking" }
  | { readonly kind: "known"; readonly names: readonly string[] }
  | { readonly kind: "none"; readonly why: string };

const known = new Map<string, Models>();
const askAgainMs = 5000;

/** @param isWanted whether somebody wants to know; a model is not asked for nothing. */
export function useModels(service: ServiceDetail, isWanted: boolean): Models {
  const call = useCall(service);
  const key = `${service.id} ${service.revision.id}`;
  const [asked, setAsked] = useState<{ readonly key: string; readonly models: Models }>();
  const isServing = service.routeCounts.healthy > 0;
  const isAsking = isWanted && isServing && !known.has(key);
  useEffect(() => {
    if (!isAsking) return;
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const answer = await modelsOf(call, leaving.signal);
      if (leaving.signal.aborted) return;
      if (answer.isSure) known.set(key, answer.models);
      else timer = setTimeout(() => void ask(), askAgainMs);
      setAsked({ key, models: answer.models });
    };
    void ask();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [isAsking, call, key]);
  const found = known.get(key) ?? (asked?.key === key ? asked.models : undefined);
  return found ?? { kind: isAsking ? "asking" : "unknown" };
}

/** `isSure`: asking again would give the same. */
async function modelsOf(call: Call, signal: AbortSignal): Promise<{ readonly isSure: boolean; readonly models: Models }> {
  const no = (why: string, isSure: boolean) => ({ isSure, models: { kind: "none", why } as const });
  try {
    const answer = await call({ path: "/v1/models", signal });
    if (answer.status === 401 || answer.status >= 500) return no(`It answered ${answer.status} when asked which models it has.`, false);
    const names = answer.ok ? namesIn(await answer.text()) : [];
    if (names.length > 0) return { isSure: true, models: { kind: "known", names } };
    return no("It has no list of models at /v1/models, as OpenAI's clients expect it.", true);
  } catch (thrown) {
    return no(inWords(thrown), false);
  }
}

function namesIn(text: string): readonly string[] {
  try {
    const { data } = JSON.parse(text) as { data?: readonly { id?: unknown }[] };
    return Array.isArray(data) ? data.flatMap(({ id }: { id?: unknown }) => (typeof id === "string" ? [id] : [])) : [];
  } catch {
    return [];
  }
}
