import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm test` runs everything but test/long; `npm run test:long` runs that. Parts that need Nomad, Docker or Chromium say so themselves. */
const long = process.env["SERAI_TEST_LONG"] === "1";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  // Without "development": otherwise tests would load a second copy of graphql beside the server's.
  ssr: { resolve: { conditions: ["module", "node"], externalConditions: ["node"] } },
  test: {
    include: [long ? "test/long/**/*.test.ts" : "test/**/*.test.ts"],
    exclude: long ? [] : ["test/long/**"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // The long ones call models fifty times a second meanwhile, which are to have a turn.
    maxWorkers: long ? 3 : 4,
    // A second, which is the default, is little on a machine that others use as well.
    expect: { poll: { timeout: 15_000 } },
    env: { NODE_ENV: "test" },
  },
});
