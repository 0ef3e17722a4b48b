import { defineConfig } from "vitest/config";

// One cluster, two cores: one story at a time.
const endToEnd = { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false };

export default defineConfig({
  test: {
    // Left to itself it would leave a core of two idle.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "test/*.test.ts",
            "test/{config,components,delivery,load,examples}/**/*.test.ts",
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
