/**
 * What the API says, one file per noun; this one only sets the rules they share.
 *
 * - A field is never null unless it says so.
 * - Ids are handed out as they are: they are global by themselves, and the prefix tells the kind (`node(id)`).
 * - What a user can expect to go wrong is in a mutation's result type (errors.ts); everything else is in `errors[]`.
 * - Reads of rows by id or parent are gathered into one query each. Nothing is remembered between two of them, because a
 *   subscription's context lives for days.
 */
import SchemaBuilder from "@pothos/core";
import DataloaderPlugin from "@pothos/plugin-dataloader";
import ErrorsPlugin from "@pothos/plugin-errors";
import RelayPlugin from "@pothos/plugin-relay";
import { GraphQLError } from "graphql";
import { kindOfId, type IdKind } from "../server/model/ids.ts";
import type { Share } from "../server/model/rollout.ts";
import type { Context } from "./context.ts";

type Types = {
  Context: Context;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    RouteShare: { Input: Share; Output: Share };
  };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
};

/** Kinds that `node(id)` answers. */
const nodeTypes: Partial<Record<IdKind, string>> = {
  environment: "Environment",
  folder: "Folder",
  resourceGroup: "ResourceGroup",
  revision: "Revision",
  route: "Route",
  service: "Service",
  token: "Token",
  validation: "Validation",
};
const unknownType = "";

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const builder = new SchemaBuilder<Types>({
  plugins: [ErrorsPlugin, RelayPlugin, DataloaderPlugin],
  defaultFieldNullability: false,
  errors: {
    directResult: true,
    defaultUnionOptions: { name: ({ fieldName }) => `${capitalized(fieldName)}Result` },
  },
  relay: {
    cursorType: "String",
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
    nodesQueryOptions: false,
    nodeQueryOptions: {
      nullable: true,
      resolve: (_root, { id }, _context, _info, resolveNode) => (id.typename === unknownType ? null : resolveNode(id)),
    },
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => {
      const kind = kindOfId(id);
      return { typename: (kind === null ? null : nodeTypes[kind]) ?? unknownType, id };
    },
  },
});

/** For every loader: reads are gathered, never remembered. */
export const gathering = { cache: false } as const;

builder.queryType();
builder.mutationType();
builder.subscriptionType();

builder.scalarType("DateTime", {
  description: "An instant, ISO 8601: `2026-11-22T10:00:00.000Z`.",
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const instant = typeof value === "string" && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(value) ? new Date(value) : null;
    if (instant === null || Number.isNaN(instant.getTime()) || instant.getUTCFullYear() > 9999) {
      throw new GraphQLError("A DateTime is an instant as ISO 8601 writes it, with its zone: 2026-11-22T10:00:00Z.");
    }
    return instant;
  },
});
