/** Said before somebody sends what nothing can answer. */
import type { ReactElement } from "react";
import { Notice } from "../../parts/notice.tsx";
import { wordOf } from "../../parts/status.tsx";
import type { ServiceDetail } from "../service/service-detail.ts";

export function NotServing({ service }: { readonly service: ServiceDetail }): ReactElement {
  const said = service.routeCounts.healthy > 0 ? null : `Nothing can answer now (${wordOf(service.status).toLowerCase()}). ${service.statusReason}`;
  return <Notice tone="amber">{said}</Notice>;
}
