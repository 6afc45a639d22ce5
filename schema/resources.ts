/** What a route is given, or is to be. */
import type { Accelerator, Resources as ResourcesValue } from "../server/model/service-spec.ts";
import { builder } from "./builder.ts";
import { Affinity, Constraint } from "./constraint.ts";

const AcceleratorRequest = builder.objectRef<Accelerator>("AcceleratorRequest").implement({
  fields: (t) => ({
    name: t.exposeString("name", { description: "As Nomad names devices: `gpu`, `nvidia/gpu` or `nvidia/gpu/H100`." }),
    count: t.exposeInt("count"),
    memoryGiB: t.float({ nullable: true, description: "The least that each must have; null: any.", resolve: ({ memoryGiB }) => memoryGiB ?? null }),
    constraints: t.field({ type: [Constraint], resolve: ({ constraints = [] }) => [...constraints] }),
    affinities: t.field({ type: [Affinity], resolve: ({ affinities = [] }) => [...affinities] }),
  }),
});

export const Resources = builder.objectRef<ResourcesValue>("Resources").implement({
  description: "What each route gets, or each member of it where it has several.",
  fields: (t) => ({
    cpu: t.exposeFloat("cpu", { description: "Cores." }),
    memoryGiB: t.exposeFloat("memoryGiB"),
    sharedMemoryGiB: t.exposeFloat("sharedMemoryGiB", { description: "Part of the memory." }),
    memoryMaxGiB: t.float({
      nullable: true,
      description: "What it may use beyond its memory while the machine has it, on clusters that allow that; null: nothing more.",
      resolve: ({ memoryMaxGiB }) => memoryMaxGiB ?? null,
    }),
    accelerators: t.field({ type: [AcceleratorRequest], resolve: ({ accelerators }) => [...accelerators] }),
  }),
});
