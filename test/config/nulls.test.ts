import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { mergeEnvironment } from "../../config/read.ts";
import { stackFileConfig } from "../../config/stack-file.ts";
import { parseYaml } from "../../config/yaml-file.ts";
import { environmentOf, faultsOf } from "./config-of.ts";

const service = {
  build: { context: "." },
  port: 8080,
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi", cpu: "1" } },
  config: { DEBUG: "1", MODE: "fast" },
  secrets: ["TOKEN"],
};
const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: { web: service, api: service },
};
const web = (own: object) => environmentOf(shared, { services: { web: own } }).services[0];

describe("null in an environment takes away what services.yaml gives:", () => {
  it("a field, a key of a map, a list, a whole map", () => {
    expect(web({ resources: { limits: { cpu: null } } })?.resources.limits).toEqual({ memory: "128Mi" });
    expect(web({ config: { DEBUG: null } })?.config).toEqual({ MODE: "fast" });
    expect(web({ secrets: null })?.secretNames).toEqual([]);
    expect(web({ config: null })?.config).toEqual({});
    expect(web({ port: null })?.chartFields).not.toHaveProperty("port");
  });

  it("a required field, which is a fault that says so", () => {
    expect(faultsOf(shared, { services: { web: { resources: { limits: { memory: null } } } } })).toEqual([
      "stack.yaml: services.web.resources.limits.memory: null given, which takes it away; required, text. Add it.",
    ]);
    expect(faultsOf(shared, { namespace: null })).toEqual([
      expect.stringContaining("namespace: null given, which takes it away; required"),
    ]);
    expect(faultsOf(shared, { services: null })).toEqual([expect.stringContaining("services: null given")]);
  });

  it("but no service: a line without its fields must not remove one", () => {
    for (const own of [{ services: { web: null } }, { services: { other: null } }]) {
      expect(faultsOf(shared, own)).toEqual([expect.stringMatching(/null says nothing of a service.*enabled: false/)]);
    }
    expect(faultsOf({ ...shared, services: { web: service, api: null } })).toEqual([
      expect.stringMatching(/^services\.yaml: services\.api: null says nothing/),
    ]);
  });
});

describe("null that takes nothing away", () => {
  it("is refused: the value was forgotten", () => {
    expect(faultsOf(shared, { services: { web: { config: { EMPTY: null } } } })).toEqual([]);
    const faults = (sharedText: string, ownText: string) => {
      const { value, lineOf, replacesMerged } = parseYaml("services.yaml", sharedText);
      try {
        mergeEnvironment({ file: "services.yaml", value, lineOf, replacesMerged }, stackFileConfig("dev", ownText));
        return [];
      } catch (error) {
        return (error as { faults: string[] }).faults;
      }
    };
    const rest = JSON.stringify({ ...shared, services: { web: { ...service, secrets: [] } } }).slice(1, -1);
    const own = "config:\n  slipway:environment: ";
    expect(faults(`{${rest}}`, `${own}{ services: { web: { config: { DEBUG: } } } }\n`)).toEqual([]);
    expect(faults(`{${rest}}`, `${own}{ services: { web: {\n      config: { EMPTY: } } } }\n`)).toEqual([
      expect.stringMatching(/^stacks\/Pulumi\.dev\.yaml:3: services\.web\.config\.EMPTY: null takes away .*""/),
    ]);
    expect(faults(`{${rest}, alerts: }`, `${own}{}\n`)).toEqual([
      expect.stringMatching(/services\.yaml:1: alerts: null/),
    ]);
    // A later part gives a value all the same, or defaults give it to other services.
    expect(faults(`{${rest}, url: }`, `${own}{ url: { port: 1 } }\n`)).toEqual([]);
    expect(
      faults(
        `{${rest}, defaults: { volume: { size: 1Gi, mountPath: /data } }}`,
        `${own}{ services: { web: { volume: } } }\n`,
      ),
    ).toEqual([]);
    // A merge key gives it.
    expect(
      faults(`{${rest}}`, `x: &x { path: /a }\n${own}{ services: { web: { probes: { <<: *x, path: } } } }\n`),
    ).toEqual([]);
    expect(
      faults(`{${rest}}`, `x: &x { path: /a }\n${own}{ services: { web: { probes: { <<: *x, command: } } } }\n`),
    ).toHaveLength(1);
  });

  it("under a map that replaces one of a merge key names defaults as the way", () => {
    const text = `
${stringify({ ...shared, services: undefined })}
services:
  web: &usual ${JSON.stringify(service)}
  api:
    <<: *usual
    resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 128Mi, cpu: null } }
`;
    const { value, lineOf, replacesMerged } = parseYaml("services.yaml", text);
    const source = { file: "services.yaml", value, lineOf, replacesMerged };
    expect(() => mergeEnvironment(source, stackFileConfig("dev", "slipway:release: v1"))).toThrow(
      /api\.resources\.limits\.cpu: null takes nothing away here: a merge key.*in defaults/,
    );
  });
});
