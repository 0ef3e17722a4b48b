import { expect, it } from "vitest";
import { describePlugins } from "../../engine/plugins.ts";

it("names the plugins by their kind, each plugin's own before the common one", () => {
  const plugins = [{ name: "kubernetes", kind: "official" }, { name: "docker" }, { name: "aws" }];
  expect(describePlugins({ kind: "stand-in", plugins })).toBe("kubernetes: official; aws, docker: stand-in");
});
