import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { environmentOf } from "../../config-of.ts";
import { resources, serviceFaultsOf } from "./service-faults.ts";

const faultsOf = (patch: unknown) =>
  serviceFaultsOf({ patch: typeof patch === "string" ? patch : stringify(patch), sidecars: { proxy: { resources } } });
const pod = (spec: object) => ({ spec });
const context = (securityContext: object | null) => pod({ securityContext });
const container = (fields: object, name = "web") => pod({ containers: [{ name, ...fields }] });
const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

describe("a patch", () => {
  it.each<[string, unknown]>([
    [
      "fields that the chart does not have",
      pod({ dnsConfig: { options: [] }, hostNetwork: false, runtimeClassName: null }),
    ],
    ["fields of the service's container", container({ lifecycle: null, securityContext: { runAsUser: 5000 } })],
    ["a container that is restricted", container({ image: "a", securityContext: restricted }, "mine")],
    [
      "the service's sidecar",
      pod({ initContainers: [{ name: "proxy", env: [], securityContext: { readOnlyRootFilesystem: false } }] }),
    ],
    ["a capability for low ports", container({ securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } } })],
    [
      "volumes that are restricted",
      pod({
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "b", csi: {} },
        ],
      }),
    ],
    ["labels of one's own", { metadata: { labels: { team: "a" } } }],
  ])("may have %s", (_, patch) => {
    expect(faultsOf(patch)).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ["what is not YAML", "spec: [", /^patch: .*not YAML/],
    ["what is not a map", "text", /must be YAML of a map/],
    ["what a pod template does not have", { template: {} }, /template: not a part of a pod template/],
    ["a spec that is none", "spec: 5", /spec: must be a map/],
    ["the selector's labels", { metadata: { labels: { "app.kubernetes.io/name": "x" } } }, /how pods are found/],
    ["no labels", { metadata: { labels: null } }, /labels cannot be removed/],
    ["no containers", pod({ containers: null }), /cannot be removed/],
    ["another image", container({ image: "a" }), /spec\.containers web: its image is what build or image says/],
    ["the host's network", pod({ hostNetwork: true }), /spec\.hostNetwork: true is not allowed by .* restricted/],
    ["the host's processes", pod({ hostPID: true }), /spec\.hostPID/],
    ["the host's IPC", pod({ hostIPC: true }), /spec\.hostIPC/],
    ["a path of the host", pod({ volumes: [{ name: "a", hostPath: { path: "/" } }] }), /spec\.volumes a: hostPath/],
    ["a port of the host", container({ ports: [{ containerPort: 1, hostPort: 1 }] }), /ports: hostPort/],
    ["no security context", context(null), /spec\.securityContext: cannot be removed/],
    ["root", context({ runAsUser: 0 }), /runAsUser: root/],
    [
      "root in a container",
      container({ securityContext: { runAsNonRoot: false } }),
      /securityContext\.runAsNonRoot: false/,
    ],
    ["no seccomp profile", context({ seccompProfile: null }), /seccompProfile: none/],
    ["an open seccomp profile", context({ seccompProfile: { type: "Unconfined" } }), /seccompProfile: Unconfined/],
    ["privileges", container({ securityContext: { privileged: true } }), /privileged: true/],
    [
      "more privileges later",
      container({ securityContext: { allowPrivilegeEscalation: true } }),
      /must have allowPrivilegeEscalation: false/,
    ],
    [
      "capabilities",
      container({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }),
      /capabilities\.add: SYS_ADMIN/,
    ],
    [
      "fewer capabilities dropped",
      container({ securityContext: { capabilities: { drop: ["KILL"] } } }),
      /drop: \[ALL\]/,
    ],
    ["an own mount of /proc", container({ securityContext: { procMount: "Unmasked" } }), /procMount: Unmasked/],
    [
      "a container without security",
      container({ image: "a" }, "mine"),
      /spec\.containers mine securityContext: .*Write both/,
    ],
  ])("may not have %s", (_, patch, message) => {
    expect(faultsOf(patch)).toEqual([expect.stringMatching(message)]);
  });

  it("reaches the chart as JSON, in which no is a text", () => {
    const { services } = environmentOf({
      cluster: { target: "existing", context: "here" },
      namespace: "shop",
      images: { repository: "registry.example.com/shop" },
      services: {
        web: { build: { context: "web" }, resources, patch: "metadata: { annotations: { a: no, b: null } }" },
      },
    });
    expect(services[0]?.podValues.patch).toBe('{"metadata":{"annotations":{"a":"no","b":null}}}');
    expect(services[0]?.chartFields).not.toHaveProperty("patch");
  });
});
