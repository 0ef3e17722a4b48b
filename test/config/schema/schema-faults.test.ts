import { describe, expect, it } from "vitest";
import { faultsOf } from "../config-of.ts";
import { existing, faultsOfServices, service } from "../service-base.ts";

describe("an unknown key", () => {
  it("of a map that may also be a text is compared with the keys of that map", () => {
    const cidrs = [{ cidr: "10.0.0.0/8", port: 5432 }];
    expect(faultsOfServices({ web: { network: { egress: { internet: false, cidrs } } } })).toEqual([
      expect.stringMatching(/cidrs\[0\]\.port: 5432 given; not a known key\. Did you mean ports\?/),
    ]);
  });

  it("of one of several maps is compared with the map that has most of the keys", () => {
    const allowFrom = [{ namespace: "batch", servise: "jobs" }];
    expect(faultsOfServices({ web: { network: { allowFrom } } })).toEqual([
      expect.stringMatching(/allowFrom\[0\]\.servise: .*Did you mean service\?/),
    ]);
  });

  it("may be a name that every object of JavaScript has", () => {
    expect(faultsOfServices({ web: { ports: { constructor: { port: 9000 } } } })).toEqual([]);
    expect(faultsOfServices({ web: { constructor: 5 } })).toEqual([expect.stringContaining("not a known key")]);
    expect(
      faultsOfServices({ web: { probes: { preset: "constructor" } } }, { defaults: { probes: { path: "/" } } }),
    ).toEqual([expect.stringMatching(/probes\.preset: "constructor" given; must be one of/)]);
  });
});

describe("what may be a secret is not shown:", () => {
  const secret = "-----BEGIN PRIVATE KEY----- hunter2";

  it.each<[string, object]>([
    ["a map of secrets", { secrets: { DB_PASSWORD: secret } }],
    ["a secret in the list of names", { secrets: [secret] }],
    ["a secret in place of the list", { secrets: secret }],
    ["the text of a secret file", { secretFiles: { "/etc/key.pem": secret } }],
    ["a secret of a sidecar", { sidecars: { proxy: { secrets: { A: secret }, resources: service.resources } } }],
  ])("%s", (_, fields) => {
    for (const faults of [
      faultsOfServices({ web: fields }),
      faultsOf({ ...existing, defaults: fields, services: { web: service } }),
    ]) {
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.join()).not.toContain("hunter2");
    }
  });
});
