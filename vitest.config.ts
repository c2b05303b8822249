/**
 * The test projects. `npm test` runs unit, tidy, conformance, e2e and browser; the long forms (faults, fuzz)
 * have scripts of their own. Tests that start processes or a browser run one file at a time.
 */
import { defineConfig } from "vitest/config";

const slow = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false };

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: "./tools/vitest-setup.ts",
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          testTimeout: 30_000,
          environment: "node",
        },
      },
      { test: { name: "tidy", include: ["tools/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "conformance", include: ["test/conformance/**/*.test.ts"], ...slow } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...slow } },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], ...slow } },
      {
        test: {
          name: "faults",
          // The kill test of the metrics store is a unit test that is short there.
          include: ["test/faults/**/*.test.ts", "packages/tsdb/src/store-kill.test.ts"],
          env: { BINNACLE_KILLS: process.env["BINNACLE_KILLS"] ?? "200" },
          ...slow,
          testTimeout: 3_600_000,
        },
      },
      {
        test: {
          name: "fuzz",
          include: ["packages/*/src/**/*.fuzz.ts", "test/fuzz/**/*.fuzz.ts"],
          ...slow,
          testTimeout: 3_600_000,
        },
      },
    ],
  },
});
