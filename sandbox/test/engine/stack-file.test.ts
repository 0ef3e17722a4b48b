import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { temporaryFolder } from "../../../test/temporary-folder.ts";
import { environmentOf, livesInAws, namespaceOf, withStackFile } from "../../engine/stack-file.ts";

function stackWith(config: object, more: object = {}): { stack: string; configFile: string } {
  const configFile = join(temporaryFolder(), "stack.yaml");
  writeFileSync(configFile, stringify({ ...more, config }));
  return { stack: "try", configFile };
}

afterEach(() => vi.restoreAllMocks());

describe("environmentOf", () => {
  it("merges the stack's own environment over the shared one", () => {
    const options = stackWith({ "slipway:environment": { namespace: "other", services: { web: { hosts: ["a"] } } } });
    const environment = environmentOf(options) as { services: Record<string, object> };
    expect(namespaceOf(options)).toBe("other");
    expect(environment.services.web).toMatchObject({ hosts: ["a"], build: { context: "examples/shop/web" } });
    expect(Object.keys(environment.services)).toContain("api");
  });

  it("is the shared one if the stack sets nothing", () => {
    expect(namespaceOf(stackWith({}))).toBe("shop");
  });

  it.each([
    [{ target: "eks" }, true],
    [{ target: "existing", context: "x" }, false],
    [undefined, false],
  ])("a cluster of %j is in AWS: %s", (cluster, expected) => {
    expect(livesInAws(stackWith({ "slipway:environment": { cluster } }))).toBe(expected);
  });
});

describe("withStackFile", () => {
  it("gives the engine a copy and removes it afterwards", async () => {
    const options = { ...stackWith({ "slipway:release": "v1" }), release: "v2" };
    const before = readFileSync(options.configFile, "utf8");
    const copy = await withStackFile(options, async (file) => {
      expect(parse(readFileSync(file, "utf8")).config["slipway:release"]).toBe("v2");
      return file;
    });
    expect(existsSync(copy)).toBe(false);
    expect(readFileSync(options.configFile, "utf8")).toBe(before);
  });

  it("replaces secrets that need a key in AWS, and says so", async () => {
    const say = vi.spyOn(console, "log").mockImplementation(() => {});
    const secret = { "slipway:secret.api.KEY": { secure: "AQICAHh=" } };
    const options = stackWith(secret, { secretsprovider: "awskms://alias/slipway", encryptedkey: "x" });
    await withStackFile(options, async (file) => {
      const copy = parse(readFileSync(file, "utf8"));
      expect(copy.secretsprovider).toBeUndefined();
      expect(copy.config["slipway:secret.api.KEY"].secure).toMatch(/^v1:/);
    });
    expect(say.mock.calls).toEqual([[expect.stringMatching(/stack try.*awskms:\/\/alias\/slipway.*1 throw-away/)]]);
  });
});
