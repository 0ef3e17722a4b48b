import { defineConfig } from "vitest/config";

const endToEnd = { testTimeout: 300_000, hookTimeout: 300_000, globalSetup: ["test/e2e/compile-cache.ts"] };

/** Tests of the whole program: the program is its module, which each of them loads again. */
const wholeProgram = "test/{components,policy}/**/*program*.test.ts";

const eks = "test/e2e/eks.test.ts";
const platform = "test/e2e/platform.test.ts";
/** Makes nodes unschedulable, which other tests would meet. */
const nodes = "test/e2e/rebalance.test.ts";

export default defineConfig({
  test: {
    // By default one of two cores would stay idle.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{config,components,policy}/**/*.test.ts"],
          exclude: [wholeProgram],
          testTimeout: 20_000,
          // Test files share what they import. Loading the Pulumi and AWS SDKs for each file took half of the time.
          pool: "threads",
          isolate: false,
        },
      },
      {
        test: {
          // Processes of their own, for what a thread does not have: signals and an environment.
          name: "delivery",
          include: ["test/{delivery,docs,load}/**/*.test.ts"],
          testTimeout: 20_000,
          isolate: false,
          setupFiles: ["test/spawner.ts"],
        },
      },
      {
        test: {
          // Tests of what a module reads when it is loaded.
          name: "unit-isolated",
          include: ["test/*.test.ts", wholeProgram, "sandbox/test/**/*.test.ts"],
          exclude: ["sandbox/test/providers/**"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "plugins", include: ["sandbox/test/providers/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "checkov", include: ["test/checkov/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 600_000 } },
      { test: { name: "chart", include: ["test/chart/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "workflows", include: ["test/workflows/**/*.test.ts"] } },
      // These change the platform that the other tests stand on.
      { test: { ...endToEnd, name: "eks", include: [eks] } },
      { test: { ...endToEnd, name: "nodes", include: [nodes] } },
      { test: { ...endToEnd, name: "platform", include: [platform] } },
      {
        test: {
          ...endToEnd,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: [eks, nodes, platform],
          // Each file has a stack and a namespace of its own, and waits most of its time for pods.
          maxWorkers: 4,
        },
      },
    ],
  },
});
