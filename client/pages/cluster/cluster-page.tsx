/** The machines: what they have, who has it, and which of them take new work. Everything here is the newest message of the `cluster` subscription. */
import "./cluster.css";
import "../../parts/progress.css";
import { useDocumentTitle } from "@mantine/hooks";
import { useState, type ReactElement } from "react";
import { explain, useReading, useWatching } from "../../connection/operations.ts";
import { ClusterDocument, ViewerDocument, type ClusterSubscription } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Ago } from "../../parts/time.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { GroupsPanel } from "./groups-panel.tsx";
import { NodePanel } from "./node-panel.tsx";

type Cluster = ClusterSubscription["cluster"];

export function ClusterPage(): ReactElement {
  useDocumentTitle("Cluster · Serai");
  const [cluster, setCluster] = useState<Cluster>();
  const error = useWatching(ClusterDocument, {}, (data) => setCluster(data.cluster));
  return (
    <>
      <div className="page-head">
        <h1>Cluster</h1>
      </div>
      <NotLive problem={error === undefined ? null : explain(error)} />
      {cluster === undefined ? <Waiting rows={4} /> : <Content cluster={cluster} />}
    </>
  );
}

function Content({ cluster }: { readonly cluster: Cluster }): ReactElement {
  const { data } = useReading(ViewerDocument, {});
  const isAdministrator = data?.viewer.role === "ADMIN";
  const { nodes, groups, readAt, problem } = cluster;
  const groupsOf = (id: string) => groups.filter(({ nodeIds }) => nodeIds.includes(id)).map(({ resourceGroup }) => resourceGroup.name);
  return (
    <div className="stack" style={{ "--gap": "24px" }}>
      {problem !== null && (
        <div className="notice" data-tone="amber" role="status">
          {problem}{" "}
          {readAt === null ? (
            "Nothing is known of the machines yet."
          ) : (
            <>
              This is how it was <Ago at={readAt} />. Routes that serve go on serving.
            </>
          )}
        </div>
      )}
      {readAt !== null && (
        <>
          <GroupsPanel groups={groups} nodes={nodes} canChange={isAdministrator} />
          {nodes.length === 0 ? (
            <div className="panel">
              <Blank title="No node yet" text="A client that joins the Nomad cluster appears here by itself." />
            </div>
          ) : (
            <section className="stack" aria-label="Nodes" style={{ "--gap": "12px" }}>
              {nodes.map((node) => (
                <NodePanel key={node.id} node={node} groups={groupsOf(node.id)} canChange={isAdministrator} />
              ))}
            </section>
          )}
        </>
      )}
    </div>
  );
}
