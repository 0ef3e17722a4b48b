import { describe, expect, it } from "vitest";
import { describeFault, type Fault, type Source } from "../../config/fault.ts";
import { parseYaml } from "../../config/yaml-file.ts";

function sourceOf(file: string, text: string): Source {
  const { value, lineOf } = parseYaml(file, text);
  return { file, value, lineOf };
}

const services = sourceOf(
  "services.yaml",
  "services:\n  web:\n    port: 80\n    replicas: { min: 1 }\n    tolerations: [{ key: a }, { key: b, effect: x }]\n    cpu:\n      target: 500\n",
);
const own = sourceOf(
  "stack.yaml",
  "services:\n  web:\n    replicas:\n      max: 4\n    tolerations: [{ key: c }]\n    cpu: 5\n",
);
const stackConfig = sourceOf("stack.yaml", "slipway:release: v1:2\n");
const describe_ = (fault: Omit<Fault, "message">) =>
  describeFault({ message: "wrong", ...fault }, { environment: [services, own], stackConfig });
const at = (...path: (string | number)[]) => describe_({ path: ["services", "web", ...path] });

describe("a fault is attributed to", () => {
  it("the file and line that said the value", () => {
    expect(at("port")).toBe("services.yaml:3: services.web.port: 80 given; wrong.");
    expect(at("replicas", "max")).toBe("stack.yaml:4: services.web.replicas.max: 4 given; wrong.");
    expect(at("replicas", "min")).toBe("services.yaml:4: services.web.replicas.min: 1 given; wrong.");
  });

  it("the last file that has a map, with the map as merged", () => {
    expect(at("replicas")).toBe('stack.yaml:3: services.web.replicas: {"min":1,"max":4} given; wrong.');
  });

  it("the nearest parent of a missing value", () => {
    expect(at("build", "context")).toBe("stack.yaml:2: services.web.build.context: nothing given; wrong.");
    expect(describe_({ path: ["services", "api"] })).toBe("stack.yaml:1: services.api: nothing given; wrong.");
    expect(describe_({ path: ["cluster"] })).toBe("stack.yaml: cluster: nothing given; wrong.");
  });

  it("the file whose list or scalar replaced the earlier one", () => {
    expect(at("tolerations", 0, "effect")).toBe(
      "stack.yaml:5: services.web.tolerations[0].effect: nothing given; wrong.",
    );
    expect(at("cpu", "target")).toBe("stack.yaml:6: services.web.cpu.target: nothing given; wrong.");
  });

  it("a key of the stack's config", () => {
    expect(describe_({ key: "slipway:release", path: [] })).toBe('stack.yaml:1: slipway:release: "v1:2" given; wrong.');
  });
});

it("a fault shows a key without letters, and a number without digits", () => {
  const source = sourceOf("s.yaml", 'a: { "": .inf, "b c": .nan }');
  const sources = { environment: [source], stackConfig };
  expect(describeFault({ path: ["a", ""], message: "wrong" }, sources)).toBe('s.yaml:1: a."": Infinity given; wrong.');
  expect(describeFault({ path: ["a", "b c"], message: "right?" }, sources)).toBe(
    's.yaml:1: a."b c": NaN given; right?',
  );
});

it("a fault does not show a value that it hides", () => {
  expect(describe_({ key: "slipway:release", path: [], hideValue: true })).toBe(
    "stack.yaml:1: slipway:release: wrong.",
  );
});
