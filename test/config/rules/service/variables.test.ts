import { describe, expect, it } from "vitest";
import { serviceFaultsOf } from "./service-faults.ts";

describe("composed variables", () => {
  it("may name config, secrets, keys of Secrets and what the chart sets", () => {
    const faults = serviceFaultsOf({
      port: 8080,
      config: { URL: "$(USER):$(PASSWORD):$(TOKEN)@$(HOST_IP):$(PORT)", USER: "u", TEXT: "$$(NOBODY) $(date +%s)" },
      secrets: ["PASSWORD"],
      secretRefs: [{ secret: "stripe", keys: { TOKEN: "token" } }],
    });
    expect(faults).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      "a name that does not exist",
      { config: { URL: "$(DB_PASWORD)" }, secrets: ["DB_PASSWORD"] },
      /^config\.URL: .*\$\(DB_PASWORD\) names no variable.*Did you mean \$\(DB_PASSWORD\)\?.*\$\$\(DB_PASWORD\) for the text itself/,
    ],
    ["a port that is not set", { config: { URL: ":$(PORT)" } }, /^config\.URL: .*\$\(PORT\) is set only with a port/],
    ["a variable in itself", { config: { A: "$(A)" } }, /^config\.A: .*contains itself: A → A\./],
    ["a name of Object's prototype", { config: { A: "$(constructor)" } }, /^config\.A: .*names no variable/],
    ["a variable that the chart sets", { config: { HOST_IP: "1" } }, /^config\.HOST_IP: .*set by the chart itself/],
  ])("refuse %s", (_, fields, message) => {
    expect(serviceFaultsOf(fields)).toEqual([expect.stringMatching(message)]);
  });

  it("refuse a circle, at each of its variables", () => {
    expect(serviceFaultsOf({ config: { A: "$(B)", B: "$(C)", C: "$(A)", D: "$(A)" } })).toEqual([
      expect.stringMatching(/^config\.A: .*A → B → C → A/),
      expect.stringMatching(/^config\.B: .*B → C → A → B/),
      expect.stringMatching(/^config\.C: .*C → A → B → C/),
    ]);
  });
});

describe("secretRefs", () => {
  it("may be whole Secrets and keys of the same", () => {
    const secretRefs = [{ secret: "stripe" }, { secret: "stripe", keys: { TOKEN: "token" } }, { secret: "db.main" }];
    expect(serviceFaultsOf({ secretRefs })).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ["a Secret twice", { secretRefs: [{ secret: "a" }, { secret: "a" }] }, /^secretRefs\[1\]\.secret: .*given twice/],
    ["no key", { secretRefs: [{ secret: "a", keys: {} }] }, /^secretRefs\[0\]\.keys: .*names no key/],
    [
      "a variable that is in config",
      { config: { X: "1" }, secretRefs: [{ secret: "a", keys: { X: "x" } }] },
      /^secretRefs\[0\]\.keys\.X: .*also in config/,
    ],
    [
      "a variable of two Secrets",
      {
        secretRefs: [
          { secret: "a", keys: { X: "x" } },
          { secret: "b", keys: { X: "x" } },
        ],
      },
      /^secretRefs\[1\]\.keys\.X: .*also in the Secret a/,
    ],
    ["a bad name", { secretRefs: [{ secret: "My_Secret" }] }, /^secretRefs\[0\]\.secret: .*name of an object/],
  ])("refuse %s", (_, fields, message) => {
    expect(serviceFaultsOf(fields)).toEqual([expect.stringMatching(message)]);
  });
});
