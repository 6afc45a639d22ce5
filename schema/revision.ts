/** Revisions: the snapshot that routes run. */
import type { RevisionId } from "../server/model/ids.ts";
import { servedModel } from "../server/model/model-definition.ts";
import { readRevisions, type RevisionRow } from "../server/store/revisions.ts";
import { builder, gathering } from "./builder.ts";
import { ClusterMode } from "./cluster-mode.ts";
import { Environment } from "./environment.ts";
import { Folder } from "./folder.ts";
import { DefinitionProblem, ModelDefinition } from "./model-definition.ts";
import { Mount, Variable } from "./mount.ts";
import { ResourceGroup } from "./resource-group.ts";
import { Resources } from "./resources.ts";
import { User } from "./user.ts";

export const Revision = builder.loadableNode("Revision", {
  id: { resolve: (revision: RevisionRow) => revision.id },
  load: (ids: RevisionId[], context): Promise<RevisionRow[]> => readRevisions(context.database, context.viewer.project.id, ids),
  toKey: (revision: RevisionRow) => revision.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    number: t.exposeInt("number"),
    folder: t.field({ type: Folder, resolve: (revision) => revision.folderId }),
    environment: t.field({ type: Environment, resolve: (revision) => revision.environmentId }),
    image: t.exposeString("image", { nullable: true, description: "In place of the environment's; null: that one." }),
    resourceGroup: t.field({ type: ResourceGroup, resolve: (revision) => revision.resourceGroupId }),
    resources: t.expose("resources", { type: Resources }),
    clusterMode: t.expose("clusterMode", { type: ClusterMode }),
    clusterSize: t.exposeInt("clusterSize", { description: "Members of each route." }),
    mounts: t.field({ type: [Mount], description: "Besides the model's folder.", resolve: (revision) => [...revision.mounts] }),
    modelReadOnly: t.exposeBoolean("modelReadOnly", {
      description: "The model's folder is mounted read-only; it is so too where the folder itself is read-only.",
    }),
    variables: t.field({ type: [Variable], resolve: (revision) => [...revision.variables] }),
    definition: t.field({
      type: ModelDefinition,
      nullable: true,
      description: "Name of the model, port and health check as the definition says them; null while it has problems.",
      resolve: ({ definition }) => (definition === null ? null : servedModel(definition)),
    }),
    definitionProblems: t.field({ type: [DefinitionProblem], resolve: (revision) => [...revision.definitionProblems] }),
    definitionHash: t.exposeString("definitionHash", { nullable: true, description: "SHA-256 of the file; null where there is none." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    createdBy: t.field({ type: User, resolve: (revision) => revision.createdBy }),
  }),
});
