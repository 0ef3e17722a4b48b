import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrangeVariables, configData, envText, namesIn, plainText } from "../../config/variables.ts";

describe("$(NAME)", () => {
  it.each<[string, string[]]>([
    ["postgres://u:$(DB_PASSWORD)@$(HOST_IP)/x", ["DB_PASSWORD", "HOST_IP"]],
    ["$$(NAME)", []],
    ["$$$(NAME)", ["NAME"]],
    ["$$$$(NAME)", []],
    ["$(date +%s) $NAME $(", []],
  ])("%s names %j", (value, names) => {
    expect(namesIn(value)).toEqual(names);
  });

  it("is text with a second dollar before it", () => {
    expect(plainText("$$(NAME) costs $$5 or $5")).toBe("$(NAME) costs $$5 or $5");
  });

  it("reaches the process as Kubernetes expands it", () => {
    const names = fc.constantFrom("$(A)", "$$(A)", "$$$(A)", "$", "$$", "(A)", "$x", "$(a b)", "text");
    fc.assert(
      fc.property(fc.array(names), (parts) => {
        const value = parts.join("");
        const meant = namesIn(value).length === 0 ? plainText(value) : value.replaceAll(/(\$+)\(A\)/g, expandRun);
        expect(expand(envText(value), { A: "<a>" })).toBe(meant);
      }),
    );
  });
});

/** A dollar for each two before a name, and the name's value if one is left. */
function expandRun(_: string, dollars: string): string {
  return "$".repeat(Math.floor(dollars.length / 2)) + (dollars.length % 2 === 1 ? "<a>" : "(A)");
}

/** As the kubelet does: https://github.com/kubernetes/kubernetes/blob/v1.36.1/third_party/forked/golang/expansion/expand.go */
function expand(text: string, values: Record<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (match, name) => (match === "$$" ? "$" : (values[name] ?? match)));
}

describe("a service's variables", () => {
  const sources = { secrets: ["PASSWORD"], refs: { TOKEN: { secret: "stripe", key: "token" } }, own: {} };

  it("are in the ConfigMap, without those that contain others", () => {
    const config = { A: "plain", B: "$(A)", C: "$$(A)" };
    expect(configData(config)).toEqual({ A: "plain", C: "$(A)" });
    expect(arrangeVariables({ ...sources, config: { A: "plain", C: "$$(A)" } }, [])).toEqual([]);
  });

  it("stand after all that they contain, each once", () => {
    const config = {
      URL: "$(USER):$(PASSWORD)@$(HOST):$(PORT)",
      HOST: "db.$(ZONE)",
      ZONE: "a",
      USER: "u",
      X: "$(USER)",
    };
    expect(arrangeVariables({ ...sources, config }, [])).toEqual([
      { name: "USER", from: "config" },
      { name: "PASSWORD", from: "secret" },
      { name: "ZONE", from: "config" },
      { name: "HOST", value: "db.$(ZONE)" },
      { name: "URL", value: "$(USER):$(PASSWORD)@$(HOST):$(PORT)" },
      { name: "X", value: "$(USER)" },
    ]);
  });

  it("may be keys of Secrets that exist, and are there whether or not another variable contains them", () => {
    expect(arrangeVariables({ ...sources, config: {} }, ["TOKEN"])).toEqual([
      { name: "TOKEN", secret: "stripe", key: "token" },
    ]);
  });

  it("of a container's own are text, and win over those of the ConfigMap", () => {
    const config = { LEVEL: "info", NAME: "$(LEVEL)" };
    expect(arrangeVariables({ ...sources, config, own: { LEVEL: "debug $5" } }, [])).toEqual([
      { name: "LEVEL", value: "debug $$5" },
      { name: "NAME", value: "$(LEVEL)" },
    ]);
  });
});
