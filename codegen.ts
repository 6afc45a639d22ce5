/**
 * Types of the console's operations, made from schema/schema.graphql (printed by the server) and client/**\/*.graphql.
 *
 * Documents stay strings, so that graphql-js is not in the console's bundle; what is generated is committed, so that a
 * change of the schema shows as a change of the types.
 */
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "schema/schema.graphql",
  documents: ["client/**/*.graphql"],
  importExtension: ".ts",
  emitLegacyCommonJSImports: false,
  generates: {
    "client/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: "string", ID: "string", RouteShare: "number | string" },
        strictScalars: true,
      },
    },
  },
};

export default config;
