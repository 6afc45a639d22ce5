/** Pages of Nomad's own UI (ui/app/router.js of 1.11.3), for people: nothing here asks Nomad. */
import type { Observe } from "../../model/observe.ts";
import { jobIdOf } from "./names.ts";

type Pages = Pick<Observe, "sessionUrl" | "nodeUrl">;
type Place = { readonly ui?: string; readonly namespace?: string; readonly region?: string };

export function nomadPages({ ui, namespace = "default", region }: Place, installationId: string): Pages {
  const page = (path: string): string | null =>
    ui === undefined ? null : `${ui}/ui/${path}${region === undefined ? "" : `?region=${encodeURIComponent(region)}`}`;
  return {
    sessionUrl: (id) => page(`jobs/${encodeURIComponent(`${jobIdOf(installationId, id)}@${namespace}`)}`),
    nodeUrl: (id) => page(`clients/${encodeURIComponent(id)}`),
  };
}
