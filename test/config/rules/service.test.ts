import { describe, expect, it } from "vitest";
import { faultsOf } from "../config-of.ts";
import { existing, faultsOfServices, service } from "../service-base.ts";

const faultsOfWeb = (fields: object) => faultsOfServices({ web: fields });
const resources = (requests: object, limits: object) => ({
  resources: {
    requests: { ...service.resources.requests, ...requests },
    limits: { ...service.resources.limits, ...limits },
  },
});

describe.each([
  {
    what: "a request above its limit",
    accepted: [
      resources({ cpu: "1" }, { cpu: "1000m" }),
      resources({ memory: "128Mi" }, { memory: "134217728" }),
      resources({ "ephemeral-storage": "1Gi" }, {}),
    ],
    refused: [
      [resources({ cpu: "1" }, { cpu: "500m" }), /requests\.cpu: "1" given; above limits\.cpu, which is 500m/],
      [resources({ memory: "512Mi" }, {}), /requests\.memory: "512Mi" given; above limits\.memory, which is 128Mi/],
      // The other side is the chart's default.
      [resources({ "ephemeral-storage": "2Gi" }, {}), /requests\.ephemeral-storage: .*which is 1Gi/],
      [
        { ...resources({}, { "ephemeral-storage": "32Mi" }), tmp: { sizeLimit: "16Mi" } },
        /limits\.ephemeral-storage: "32Mi" given; below requests\.ephemeral-storage, which is 64Mi/,
      ],
    ],
  },
  {
    what: "a /tmp that is larger than the pod's disk",
    accepted: [
      { tmp: { sizeLimit: "1Gi" } },
      { tmp: { sizeLimit: "5Gi" }, ...resources({}, { "ephemeral-storage": "6Gi" }) },
    ],
    refused: [
      [{ tmp: { sizeLimit: "5Gi" } }, /tmp\.sizeLimit: "5Gi" given; .*write 1Gi .*evicted/],
      [
        resources({}, { "ephemeral-storage": "128Mi" }),
        /tmp\.sizeLimit: nothing given; .*write 128Mi .*these are 256Mi/,
      ],
    ],
  },
  {
    what: "two mounts at one path",
    accepted: [
      { kind: "stateful", volume: { size: "1Gi", mountPath: "/tmpfiles" } },
      { kind: "stateful", volume: { size: "1Gi", mountPath: "/var/tmp" } },
    ],
    refused: [
      [
        { kind: "stateful", volume: { size: "1Gi", mountPath: "/tmp" } },
        /volume\.mountPath: "\/tmp" given; \/tmp is also tmp/,
      ],
      [{ kind: "stateful", volume: { size: "1Gi", mountPath: "/tmp/a" } }, /mountPath: .*is inside of tmp/],
    ],
  },
  {
    what: "tolerations that contradict",
    accepted: [
      { tolerations: [{ operator: "Exists" }] },
      { tolerations: [{ key: "a", operator: "Exists" }, { key: "a", value: "b", effect: "NoSchedule" }, { key: "a" }] },
      { tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }] },
    ],
    refused: [
      [{ tolerations: [{ value: "a" }] }, /tolerations\[0\]\.operator: .*without a key.*Exists/],
      [{ tolerations: [{ key: "", operator: "Equal" }] }, /tolerations\[0\]\.operator: /],
      [{ tolerations: [{ key: "a", operator: "Exists", value: "b" }] }, /tolerations\[0\]\.value: "b" given/],
      [{ tolerations: [{ key: "a", tolerationSeconds: 3 }] }, /tolerationSeconds: 3 given; only for effect: NoExecute/],
      [{ tolerations: [{ key: "a", effect: "NoSchedule", tolerationSeconds: 3 }] }, /only for effect: NoExecute/],
      [{ tolerations: [{ key: "a" }, { key: "a", operator: "Equal", value: "" }] }, /tolerations\[1\]: .*given twice/],
      [
        { tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists" }] },
        /tolerations\[0\]\.key: .*Set nodeLossSeconds/,
      ],
      [{ tolerations: [{ key: "a b" }] }, /tolerations\[0\]\.key: "a b" given; must be 1 to 63/],
      [{ tolerations: [{ key: "a", value: "b!" }] }, /tolerations\[0\]\.value: "b!" given; must be up to 63/],
    ],
  },
  {
    what: "keys of probes that the preset does not read",
    accepted: [
      { probes: { path: "/a", livenessPath: "/b" } },
      { probes: { preset: "spring-actuator", path: "/a" } },
      { probes: { preset: "exec", command: ["a"], livenessCommand: ["b"] } },
      { port: undefined, probes: { preset: "none", startupSeconds: 90 } },
    ],
    refused: [
      [
        { probes: { preset: "tcp", path: "/a" } },
        /probes\.path: "\/a" given; only for the presets http, spring-actuator/,
      ],
      [{ probes: { preset: "grpc", livenessPath: "/a" } }, /probes\.livenessPath: .*the preset is grpc/],
      [{ probes: { preset: "tcp", livenessCommand: ["a"] } }, /livenessCommand: .*Set probes\.preset: exec/],
      [{ probes: { command: ["a"] } }, /probes\.command: .*Set probes\.preset: exec, or remove it; the preset is http/],
      [{ probes: { preset: "exec", command: ["a"], livenessPath: "/a" } }, /probes\.livenessPath: /],
      [{ port: undefined, probes: { path: "/a" } }, /probes\.path: .*the preset is none/],
      [{ port: undefined, probes: { periodSeconds: 9 } }, /probes\.periodSeconds: 9 given; only for the presets http/],
    ],
  },
  {
    what: "variables that no container can have",
    accepted: [
      { config: { A: "x".repeat(128 * 1024 - 1 - "A=".length) } },
      { config: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`A${i}`, "x".repeat(131_000)])) },
      { config: { "spring.profiles.active": "prod" } },
    ],
    refused: [
      [{ config: { A: "x".repeat(128 * 1024 - "A=".length) } }, /config\.A: .*131072 bytes with its name.*131071/],
      [{ config: { A: "ä".repeat(66_000) } }, /config\.A: .*132002 bytes/],
      [
        { config: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`A${i}`, "x".repeat(131_000)])) },
        /web\.config: .*1179000 bytes together; a ConfigMap holds 1048576/,
      ],
      [{ config: { A: "a\0b" } }, /config\.A: .*zero byte/],
      [{ secrets: ["PORT"] }, /secrets\[0\]: "PORT" given; set by the chart itself/],
      [{ secrets: ["A", "A"] }, /secrets\[1\]: "A" given; given twice/],
    ],
  },
  {
    what: "annotations of the chart",
    accepted: [{ podAnnotations: { "example.com/a": "any text!" } }],
    refused: [
      [{ podAnnotations: { "slipway.dev/restarted-at": "x" } }, /podAnnotations\.slipway\.dev.*Use another name/],
    ],
  },
] as { what: string; accepted: object[]; refused: [object, RegExp][] }[])("$what", ({ accepted, refused }) => {
  it.each(accepted.map((fields) => [fields]))("is not in %j", (fields) => expect(faultsOfWeb(fields)).toEqual([]));
  it.each(refused)("is refused in %j", (fields, message) => {
    expect(faultsOfWeb(fields)).toEqual([expect.stringMatching(message)]);
  });
});

it("amounts are compared after the merge, and the file that said the wrong one is named", () => {
  const own = { services: { web: { resources: { limits: { memory: "32Mi" } } } } };
  expect(faultsOf({ ...existing, services: { web: service } }, own)).toEqual([
    expect.stringMatching(/^services\.yaml: services\.web\.resources\.requests\.memory: "64Mi" given; above .* 32Mi/),
  ]);
});
