/** What an agent of a test's Nomad is told: on 127.0.0.1 only, quick to notice a lost client, drivers for the host and for containers. */
export type Ports = { readonly http: number; readonly rpc: number; readonly serf: number };

export const serverRole = {
  enabled: true,
  bootstrap_expect: 1,
  raft_protocol: 3,
  raft_multiplier: 1,
  // A lost node should be noticed within a test's patience.
  min_heartbeat_ttl: "2s",
  heartbeat_grace: "2s",
};

/** One of several, each of which knows the others by their gossip ports. */
export const serverOf = (serfs: readonly number[]): object => ({
  ...serverRole,
  bootstrap_expect: serfs.length,
  server_join: { retry_join: serfs.map((serf) => `127.0.0.1:${serf}`), retry_interval: "500ms" },
});

export function clientRole(rpcs: readonly number[], pool: string, range: { readonly first: number; readonly last: number }): object {
  return {
    enabled: true,
    servers: rpcs.map((rpc) => `127.0.0.1:${rpc}`),
    node_pool: pool,
    network_interface: "lo",
    min_dynamic_port: range.first,
    max_dynamic_port: range.last,
    // Without it the agent ends on a machine that has no cloud's metadata service.
    options: { "fingerprint.denylist": "env_aws,env_gce,env_azure,env_digitalocean" },
  };
}

type Gpus = { readonly count: number; readonly l4s: number; readonly directory: string };
type Plugins = { readonly dockerHost: string | null; readonly gpus: Gpus | null };

export function commonConfig(dataDirectory: string, name: string, ports: Ports, { dockerHost, gpus }: Plugins): object {
  // Several clients share one daemon here, and each would reap the others' containers as dangling ones.
  const gc = [{ image: false, container: true, dangling_containers: [{ enabled: false }] }];
  // GPUs that are made up need no runtime of NVIDIA's.
  const docker = { endpoint: dockerHost ?? "unix:///nonexistent/docker.sock", volumes: [{ enabled: true }], gc, nvidia_runtime: "runc" };
  return {
    name,
    data_dir: dataDirectory,
    bind_addr: "127.0.0.1",
    ports,
    advertise: { http: "127.0.0.1", rpc: "127.0.0.1", serf: "127.0.0.1" },
    disable_update_check: true,
    consul: { client_auto_join: false, server_auto_join: false, auto_advertise: false },
    ...(gpus === null ? {} : { plugin_dir: gpus.directory }),
    plugin: [
      { raw_exec: [{ config: [{ enabled: true }] }] },
      { docker: [{ config: [docker] }] },
      ...(gpus === null ? [] : [{ "fake-gpu": [{ config: [{ count: gpus.count, l4s: gpus.l4s }] }] }]),
    ],
  };
}
