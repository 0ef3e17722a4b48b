import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{stacks,components,sandbox,load,examples}/**/*.test.ts", "test/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "plugins", include: ["test/providers/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "chart", include: ["test/chart/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // One cluster, two cores: one story at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
