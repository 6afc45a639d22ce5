/**
 * What graphcache must know: which types have no identity of their own, and which lists a mutation changes.
 * Services are not listed here: their list and their pages come over subscriptions.
 */
import type { Cache, CacheExchangeOpts } from "@urql/exchange-graphcache";

const embedded = [
  "Accelerator",
  "AcceleratorRequest",
  "Affinity",
  "Cluster",
  "ClusterGroup",
  "Constraint",
  "DefinitionChange",
  "DefinitionFile",
  "DefinitionProblem",
  "Device",
  "DeviceKind",
  "Failure",
  "FailureReport",
  "File",
  "HealthCheck",
  "FileConnection",
  "FileEdge",
  "GroupUsage",
  "LaunchPhase",
  "LaunchTimeline",
  "LogChunk",
  "ModelDefinition",
  "ModelDefinitionCheck",
  "Mount",
  "NodeUser",
  "NodeWish",
  "PlannedStartAction",
  "Resources",
  "Remedy",
  "RevisionDifference",
  "RolloutPolicy",
  "RolloutStep",
  "RouteCounts",
  "RouteEventEdge",
  "ServiceListChange",
  "StartAction",
  "TextFile",
  "TrafficAffinity",
  "TrafficPolicy",
  "Usage",
  "ValidationErrorField",
  "Variable",
  "Why",
];

function forgetFolders(cache: Cache): void {
  for (const field of cache.inspectFields("Query")) {
    if (field.fieldName === "folders") cache.invalidate("Query", field.fieldKey);
  }
}

export const cacheOptions: CacheExchangeOpts = {
  // Without it graphcache guesses whether `... on Error` matches, and guesses wrong for types without an id.
  possibleTypes: { Error: ["ConflictError", "ForbiddenError", "NotFoundError", "ValidationError"] },
  keys: Object.fromEntries(embedded.map((type) => [type, () => null])),
  updates: {
    Mutation: {
      createFolder: (_result, _input, cache) => forgetFolders(cache),
      deleteFolder: (_result, _input, cache) => forgetFolders(cache),
      restoreFolder: (_result, _input, cache) => forgetFolders(cache),
    },
  },
};
