import { describe, expect, it } from "vitest";
import { redis, resources, serviceFaultsOf } from "./service-faults.ts";

const service = {
  port: 8080,
  secrets: ["DB_PASSWORD"],
  secretRefs: [{ secret: "stripe", keys: { TOKEN: "token" } }],
  secretFiles: { "/etc/tls/key.pem": "TLS_KEY" },
  config: { LEVEL: "info" },
};

describe("containers beside the service's own", () => {
  it("may be migrations with the service's image, and proxies with their own", () => {
    const faults = serviceFaultsOf({
      ...service,
      initContainers: {
        migrate: {
          command: ["/app", "migrate"],
          config: { URL: "$(DB_PASSWORD) $(LEVEL) $(TOKEN) $(PORT)" },
          resources,
        },
      },
      sidecars: {
        proxy: {
          image: redis,
          user: 999,
          port: 9090,
          probe: { path: "/ready", startupSeconds: 20 },
          config: { URL: "$(DB_PASSWORD):$(PORT)" },
          secrets: ["DB_PASSWORD", "TOKEN"],
          secretFiles: ["/etc/tls/key.pem"],
          resources,
        },
      },
    });
    expect(faults).toEqual([]);
  });

  it("may serve the metrics, listen on a number that the service has for UDP, or be a proxy in front of it", () => {
    const exporter = { exporter: { image: redis, port: 9121, resources } };
    expect(serviceFaultsOf({ ...service, metrics: { port: 9121, from: "monitoring" }, sidecars: exporter })).toEqual(
      [],
    );
    const ports = { stats: { port: 9121, protocol: "UDP" } };
    expect(serviceFaultsOf({ ...service, ports, sidecars: exporter })).toEqual([]);
    const login = { login: { image: redis, args: ["--listen=:8080", "--to=:8081"], resources } };
    expect(serviceFaultsOf({ ...service, probes: { port: 8081 }, sidecars: login })).toEqual([]);
  });

  const beside = (fields: object) => ({ ...service, sidecars: { proxy: { image: redis, resources, ...fields } } });

  it.each<[string, object, RegExp]>([
    [
      "the service's name",
      { sidecars: { web: { resources } } },
      /^sidecars\.web: .*the service's own container has this name/,
    ],
    [
      "one name twice",
      { sidecars: { a: { resources } }, initContainers: { a: { resources } } },
      /^initContainers\.a: .*one of sidecars has this name/,
    ],
    ["no resources", { sidecars: { a: {} } }, /^sidecars\.a\.resources: nothing given; required/],
    ["the service's port", beside({ port: 8080 }), /^sidecars\.proxy\.port: 8080 given; also the service's own/],
    [
      "another port of the service",
      { ...beside({ port: 9000 }), ports: { admin: { port: 9000 } } },
      /^sidecars\.proxy\.port: 9000 given; also the service's own, ports\.admin/,
    ],
    [
      "the port at which the service is checked",
      { ...beside({ port: 9000 }), probes: { port: 9000 } },
      /^sidecars\.proxy\.port: 9000 given; also probes\.port.*proxy in front/,
    ],
    ["a probe without a port", beside({ probe: {} }), /^sidecars\.proxy\.probe: .*needs a port/],
    [
      "a low user with the service's image",
      { initContainers: { a: { resources, user: 5 } } },
      /^initContainers\.a\.user: 5/,
    ],
    [
      "secrets to pick with the service's image",
      { ...service, sidecars: { a: { resources, secrets: ["DB_PASSWORD"] } } },
      /^sidecars\.a\.secrets: .*it gets all of them/,
    ],
    [
      "a secret that the service does not have",
      beside({ secrets: ["DB_PASWORD"] }),
      /^sidecars\.proxy\.secrets\[0\]: .*Did you mean DB_PASSWORD/,
    ],
    [
      "a secret file that the service does not have",
      beside({ secretFiles: ["/x"] }),
      /^sidecars\.proxy\.secretFiles\[0\]: .*It has \/etc\/tls\/key\.pem/,
    ],
    [
      "a secret that it did not pick in a value",
      beside({ config: { A: "$(DB_PASSWORD)" } }),
      /^sidecars\.proxy\.config\.A: .*names no variable/,
    ],
    [
      "a variable in config and secrets",
      beside({ config: { TOKEN: "" }, secrets: ["TOKEN"] }),
      /^sidecars\.proxy\.secrets\[0\]: .*also in config/,
    ],
    [
      "a variable that the chart sets",
      beside({ config: { POD_IP: "" } }),
      /^sidecars\.proxy\.config\.POD_IP: .*set by the chart/,
    ],
    [
      "a variable that no process can get",
      beside({ config: { A: "x".repeat(131_072) } }),
      /^sidecars\.proxy\.config\.A: .*131074 bytes with its name/,
    ],
    [
      "more variables than a pod holds",
      beside({
        config: Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`A${index}`, "x".repeat(120_000)])),
      }),
      /^sidecars: .*1080000 bytes together/,
    ],
    ["a zero byte in a variable", beside({ config: { A: "x\0" } }), /^sidecars\.proxy\.config\.A: .*zero byte/],
    ["a zero byte in an argument", beside({ args: ["x\0"] }), /^sidecars\.proxy\.args\[0\]: .*zero byte/],
    ["a tag without a digest", beside({ image: "docker.io/a:1" }), /^sidecars\.proxy\.image: .*A tag alone/],
  ])("may not have %s", (_, fields, message) => {
    expect(serviceFaultsOf(fields)).toEqual([expect.stringMatching(message)]);
  });
});
