/** Sessions to hand to Nomad, small enough for any machine. */
import { newId } from "../../server/model/ids.ts";
import type { Session } from "../../server/model/session.ts";

/** Whose all of them are. */
const testProject = newId("project");

export function hostSession(changes: Partial<Session> = {}): Session {
  return {
    id: newId("session"),
    routeId: newId("route"),
    serviceId: newId("service"),
    serviceName: "example",
    projectId: testProject,
    environment: { kind: "HOST" },
    resourceGroup: { name: "default", nodePool: "default" },
    resources: { cpuMillicores: 100, memoryMiB: 64, sharedMemoryMiB: 0, accelerators: [] },
    script: "#!/bin/sh\nexec sleep 3600\n",
    actionCount: 0,
    variables: {},
    port: 8000,
    mounts: [{ source: "/tmp", target: "/models", readOnly: false }],
    avoid: [],
    ...changes,
  };
}

export const containerSession = (image: string, changes: Partial<Session> = {}): Session =>
  hostSession({ environment: { kind: "CONTAINER", image }, ...changes });
