/** Where it answers, and the command that shows that it does. */
import type { ReactElement } from "react";
import { Command, Copy } from "../../parts/copy.tsx";
import { curlOf, exportOf } from "./curl.ts";
import type { ServiceDetail } from "./service-detail.ts";

export function EndpointPanel({ service }: { readonly service: ServiceDetail }): ReactElement {
  return (
    <section className="panel" aria-labelledby="endpoint">
      <header>
        <h2 id="endpoint">Endpoint</h2>
        <span className="soft">{service.openToPublic ? "Open to public: no token is needed" : "Private: callers need a token"}</span>
      </header>
      <div className="stack" style={{ padding: 16, "--gap": "12px" }}>
        <span className="line">
          <a className="mono" href={service.endpoint} target="_blank" rel="noreferrer" style={{ overflowWrap: "anywhere" }}>
            {service.endpoint}
          </a>
          <Copy what="endpoint" text={service.endpoint} />
        </span>
        {!service.openToPublic && <Command what="token variable" text={exportOf("<token>")} />}
        <Command what="curl command" text={curlOf(service)} />
      </div>
    </section>
  );
}
