/** What the service is made of. Follows the revision that is running. */
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";
import { hostSharesFiles } from "../../parts/host-environment.ts";
import { Ago } from "../../parts/time.tsx";
import { editAddress } from "../edit/address.ts";
import { clusterModeInWords } from "../service-form/cluster-modes.ts";
import { rolloutInWords, valuesOfPolicy } from "../service-form/rollout-preset.ts";
import { trafficInWords, valuesOfTraffic } from "../service-form/traffic-words.ts";
import type { ServiceDetail } from "./service-detail.ts";

export function FactsPanel({ service }: { readonly service: ServiceDetail }): ReactElement {
  const { revision } = service;
  const image = revision.image ?? revision.environment.image;
  const traffic = trafficInWords(valuesOfTraffic(service.trafficPolicy));
  const { cpu, memoryGiB, sharedMemoryGiB, accelerators } = revision.resources;
  const each = revision.clusterSize > 1 ? "a member" : "a route";
  return (
    <section className="panel" aria-labelledby="facts">
      <header>
        <h2 id="facts">Facts</h2>
      </header>
      <dl className="facts">
        <Fact name="Routes">
          <span className="numeric">
            {service.routeCounts.healthy > service.routeCounts.desired
              ? `${service.routeCounts.healthy} healthy, ${service.routeCounts.desired} desired`
              : `${service.routeCounts.healthy} of ${service.routeCounts.desired} healthy`}
          </span>
        </Fact>
        <Fact name="Public">{service.openToPublic ? "Yes" : "No"}</Fact>
        {service.aliases.length > 0 && <Fact name="Aliases">{service.aliases.join(", ")}</Fact>}
        {service.allowedOrigins.length > 0 && <Fact name="Web pages">{service.allowedOrigins.join(", ")}</Fact>}
        <Fact name="Model folder">
          <Link href={`/folders/${revision.folder.id}`}>{revision.folder.name}</Link>
          {revision.modelReadOnly && <span className="soft">, read-only</span>}
        </Fact>
        <Fact name="Definition">
          <Link href={editAddress(revision.folder.id, service.definitionChange?.fileName ?? "model-definition.yml")}>Open in the editor</Link>
        </Fact>
        {revision.mounts.length > 0 && (
          <Fact name="Mounts">
            <ul className="plain">
              {revision.mounts.map(({ folder, path, readOnly }) => (
                <li key={path}>
                  <Link href={`/folders/${folder.id}`}>{folder.name}</Link> at <code>{path}</code>
                  <span className="soft">{readOnly ? ", read-only" : ", writable"}</span>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {revision.variables.length > 0 && (
          <Fact name="Variables">
            <ul className="plain">
              {revision.variables.map(({ name, value, secret }) => (
                <li key={name}>
                  <code>{name}</code> {secret ? <span className="soft">secret, never shown</span> : <code className="soft">{value}</code>}
                </li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name="Model">{revision.definition === null ? "Not known while the definition has problems" : revision.definition.modelName}</Fact>
        <Fact name="Health check">
          {revision.definition === null ? "Not known" : (revision.definition.healthCheckPath ?? "None: an accepted connection counts")}
        </Fact>
        <Fact name="Revision">
          <span className="numeric">{revision.number}</span>, <Ago at={revision.createdAt} />
        </Fact>
        <Fact name="Environment">
          {revision.environment.name}
          {image !== null && <code className="soft"> {image}</code>}
          {revision.image !== null && <p className="soft">The image is the service’s own, not the environment’s.</p>}
          {revision.environment.kind === "HOST" && <p className="soft">{hostSharesFiles}</p>}
        </Fact>
        <Fact name="Resource group">{revision.resourceGroup.name}</Fact>
        {revision.clusterSize > 1 && (
          <Fact name="Cluster mode">
            {clusterModeInWords(revision.clusterMode)}, <span className="numeric">{revision.clusterSize}</span> members a route
          </Fact>
        )}
        <Fact name="CPU">
          <span className="numeric">{cpu}</span> {each}
        </Fact>
        <Fact name="RAM">
          <span className="numeric">{memoryGiB}</span> GiB {each}
        </Fact>
        <Fact name="Shared memory">{sharedMemoryGiB === 0 ? "None asked for" : <span className="numeric">{sharedMemoryGiB} GiB</span>}</Fact>
        {accelerators.length > 0 && (
          <Fact name="AI accelerators">
            <ul className="plain">
              {accelerators.map(({ name, count }) => (
                <li key={name}>
                  <span className="numeric">{count}</span> × <code>{name}</code> {each}
                </li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name="Rollout">{rolloutInWords(valuesOfPolicy(service.rolloutPolicy))}</Fact>
        {traffic !== null && <Fact name="Traffic">{traffic}</Fact>}
        <Fact name="Termination grace">
          <span className="numeric">{service.terminationGraceSeconds}</span> s
        </Fact>
        <Fact name="Owner">{service.createdBy.name}</Fact>
        <Fact name="Created">
          <Ago at={service.createdAt} />
        </Fact>
        {service.terminatedAt !== null && (
          <Fact name="Terminated">
            <Ago at={service.terminatedAt} />
          </Fact>
        )}
      </dl>
    </section>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
