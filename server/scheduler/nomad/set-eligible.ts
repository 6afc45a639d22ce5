/** Whether a machine takes new work: https://developer.hashicorp.com/nomad/api-docs/nodes, "Toggle Node Eligibility" and "Drain Node". */
import type { NodeStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";

export async function setEligible(client: NomadClient, nodeId: string, eligible: boolean): Promise<void> {
  const path = `/v1/node/${encodeURIComponent(nodeId)}`;
  const { value: node } = await client.get<Pick<NodeStub, "Drain">>(path);
  // Nomad refuses to make one eligible that it drains; the end of the drain does.
  if (eligible && node.Drain) await client.send("POST", `${path}/drain`, { NodeID: nodeId, DrainSpec: null, MarkEligible: true });
  else await client.send("POST", `${path}/eligibility`, { NodeID: nodeId, Eligibility: eligible ? "eligible" : "ineligible" });
}
