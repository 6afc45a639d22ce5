/** Mutations of resource groups, for administrators. What runs goes on; the next start of each session follows the new rule. */
import { asId, type ResourceGroupId } from "../server/model/ids.ts";
import { notFound, type Outcome } from "../server/model/problem.ts";
import { noLimits, resourceGroupWish, type ResourceGroupWish } from "../server/model/resource-group.ts";
import { createResourceGroup, deleteResourceGroup, modifyResourceGroup, type ResourceGroupRow } from "../server/store/resource-groups.ts";
import { builder } from "./builder.ts";
import { ConstraintInput, constraintOf } from "./constraint.ts";
import { adminRefusals, checkInput, onlyAdministrators, valueOf } from "./errors.ts";
import { ResourceGroup } from "./resource-group.ts";

const RouteLimitsInput = builder.inputType("RouteLimitsInput", {
  description: "All of them: null or absent is no limit.",
  fields: (t) => ({ cpu: t.float(), memoryGiB: t.float(), accelerators: t.int() }),
});

const rule = "All of them; null: the default.";
const CreateResourceGroupInput = builder.inputType("CreateResourceGroupInput", {
  fields: (t) => ({
    name: t.string({ required: true }),
    nodePool: t.string({ required: true, description: "Nomad's; `all` is every one." }),
    datacenters: t.stringList({ description: "Names in which `*` stands for anything; absent: all." }),
    nodeClass: t.string({ description: "Absent: any." }),
    constraints: t.field({ type: [ConstraintInput] }),
    wholeCores: t.boolean({ description: "A session that asks for whole cores gets them for itself; absent: false." }),
    environmentIds: t.idList({ description: "Those allowed; absent: all." }),
    limits: t.field({ type: RouteLimitsInput, description: "For each route; absent: none." }),
    acceleratorNames: t.stringList({ description: "Those offered; absent: all that its machines have." }),
    ownImages: t.boolean({ description: "Services may name an image of their own; absent: false." }),
  }),
});

const ModifyResourceGroupInput = builder.inputType("ModifyResourceGroupInput", {
  description: "What is absent stays as it is; null resets to the default.",
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string(),
    nodePool: t.string(),
    datacenters: t.stringList({ description: rule }),
    nodeClass: t.string(),
    constraints: t.field({ type: [ConstraintInput], description: rule }),
    wholeCores: t.boolean(),
    environmentIds: t.idList({ description: rule }),
    limits: t.field({ type: RouteLimitsInput, description: rule }),
    acceleratorNames: t.stringList({ description: rule }),
    ownImages: t.boolean(),
  }),
});
type Given = Omit<typeof ModifyResourceGroupInput.$inferInput, "id">;

const nothingBefore: Omit<ResourceGroupWish, "name" | "nodePool"> = {
  datacenters: [],
  nodeClass: null,
  constraints: [],
  wholeCores: false,
  environmentIds: null,
  limits: noLimits,
  acceleratorNames: null,
  ownImages: false,
};

type Before = Omit<ResourceGroupRow, "id" | "createdAt" | "deletedAt">;

/** Absent: as before. Null: the default. */
function wishOf(given: Given, before: Before): Outcome<ResourceGroupWish> {
  const part = <Value>(value: Value | null | undefined, present: Value, byDefault: Value): Value =>
    value === undefined ? present : (value ?? byDefault);
  const { limits } = given;
  return checkInput(resourceGroupWish, {
    name: given.name ?? before.name,
    nodePool: given.nodePool ?? before.nodePool,
    datacenters: [...part(given.datacenters, before.datacenters, [])],
    nodeClass: given.nodeClass === undefined ? before.nodeClass : given.nodeClass,
    constraints: [...part(given.constraints?.map(constraintOf) ?? (given.constraints as null | undefined), before.constraints, [])],
    wholeCores: part(given.wholeCores, before.wholeCores, false),
    environmentIds: copied(given.environmentIds === undefined ? before.environmentIds : given.environmentIds),
    limits:
      limits === undefined
        ? { ...noLimits, ...before.limits }
        : { cpu: limits?.cpu ?? null, memoryGiB: limits?.memoryGiB ?? null, accelerators: limits?.accelerators ?? null },
    acceleratorNames: copied(given.acceleratorNames === undefined ? before.acceleratorNames : given.acceleratorNames),
    ownImages: part(given.ownImages, before.ownImages, false),
  });
}

const copied = (list: readonly string[] | null): string[] | null => (list === null ? null : [...list]);

const success = (name: string) =>
  builder
    .objectRef<ResourceGroupRow>(name)
    .implement({ fields: (t) => ({ resourceGroup: t.field({ type: ResourceGroup, resolve: (group) => group }) }) });

const idOf = (id: string): ResourceGroupId => asId("resourceGroup", id) ?? valueOf(notFound(`resource group ${id}`));

const DeleteResourceGroupInput = builder.inputType("DeleteResourceGroupInput", { fields: (t) => ({ id: t.id({ required: true }) }) });

builder.mutationFields((t) => ({
  createResourceGroup: t.field({
    type: success("CreateResourceGroupSuccess"),
    errors: adminRefusals,
    description: "For administrators.",
    args: { input: t.arg({ type: CreateResourceGroupInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      const wish = valueOf(wishOf(input, { ...nothingBefore, name: input.name, nodePool: input.nodePool }));
      return valueOf(await createResourceGroup(context.database, wish));
    },
  }),
  modifyResourceGroup: t.field({
    type: success("ModifyResourceGroupSuccess"),
    errors: adminRefusals,
    description: "For administrators. What runs goes on; the next start of each session follows the new rule.",
    args: { input: t.arg({ type: ModifyResourceGroupInput, required: true }) },
    resolve: async (_root, { input: { id, ...given } }, context) => {
      onlyAdministrators(context);
      return valueOf(await modifyResourceGroup(context.database, idOf(id), (before) => wishOf(given, before)));
    },
  }),
  deleteResourceGroup: t.field({
    type: success("DeleteResourceGroupSuccess"),
    errors: adminRefusals,
    description: "For administrators. Refused while a service is to run on it.",
    args: { input: t.arg({ type: DeleteResourceGroupInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      return valueOf(await deleteResourceGroup(context.database, idOf(input.id)));
    },
  }),
}));
