import { defineConfig } from "vitest/config";

// One cluster, two cores: one test file at a time.
const endToEnd = { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false };

/** Tests of the whole program: the program is its module, which each of them loads again. */
const wholeProgram = "test/components/**/*program*.test.ts";

export default defineConfig({
  test: {
    // By default one of two cores would stay idle.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{config,components}/**/*.test.ts"],
          exclude: [wholeProgram],
          testTimeout: 20_000,
          // Test files share what they import. Loading the Pulumi and AWS SDKs for each file took half of the time.
          pool: "threads",
          isolate: false,
        },
      },
      {
        test: {
          // Tests that change the environment or what a module reads when it is loaded.
          name: "unit-isolated",
          include: [
            "test/*.test.ts",
            wholeProgram,
            "test/{delivery,docs,load,examples}/**/*.test.ts",
            "sandbox/test/**/*.test.ts",
          ],
          exclude: ["sandbox/test/providers/**"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "plugins", include: ["sandbox/test/providers/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "checkov", include: ["test/checkov/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 600_000 } },
      { test: { name: "chart", include: ["test/chart/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "workflows", include: ["test/workflows/**/*.test.ts"] } },
      { test: { ...endToEnd, name: "eks", include: ["test/e2e/eks.test.ts"] } },
      { test: { ...endToEnd, name: "e2e", include: ["test/e2e/**/*.test.ts"], exclude: ["test/e2e/eks.test.ts"] } },
    ],
  },
});
