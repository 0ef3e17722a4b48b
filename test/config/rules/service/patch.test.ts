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
    [
      "what is safe of SELinux, sysctls and AppArmor",
      {
        metadata: { annotations: { "container.apparmor.security.beta.kubernetes.io/web": "runtime/default" } },
        ...context({
          seLinuxOptions: { type: "container_t", level: "s0:c1,c2" },
          sysctls: [{ name: "net.ipv4.tcp_keepalive_time", value: "60" }],
          appArmorProfile: { type: "Localhost", localhostProfile: "a" },
        }),
      },
    ],
    ["probes of the pod itself", container({ livenessProbe: { httpGet: { host: "", port: 1 } } })],
    ["an item of a list removed", container({ env: [{ name: "A", $patch: "delete" }] })],
    ["no sidecars at all", pod({ initContainers: null, nodeSelector: { env: "prod" } })],
    ["a sidecar removed", pod({ initContainers: [{ name: "proxy", $patch: "delete" }] })],
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
    ["no annotations", { metadata: { annotations: null } }, /metadata\.annotations: slipway\.dev\/ is for the chart/],
    [
      "annotations of the chart",
      { metadata: { annotations: { "slipway.dev/restarted-at": "x" } } },
      /annotations\.slipway\.dev\/restarted-at: slipway\.dev\/ is for/,
    ],
    ["no containers", pod({ containers: null }), /cannot be removed/],
    ["another image", container({ image: "a" }), /spec\.containers web: its image is what build or image says/],
    [
      "another image of a sidecar",
      pod({ initContainers: [{ name: "proxy", image: "a" }] }),
      /spec\.initContainers proxy: its image is what build or image says/,
    ],
    ["the service's container removed", container({ $patch: "delete" }), /web: cannot be removed/],
    [
      "a container by a wrong name",
      container({ env: [] }, "webb"),
      /spec\.containers webb: no container of the pod\. Did you mean web\? It has web, proxy/,
    ],
    ["a sidecar among the containers", container({ tty: true }, "proxy"), /proxy: is in spec\.initContainers/],
    ["the removal of what is not there", container({ $patch: "delete" }, "mine"), /mine: no container of the pod/],
    ["containers as a map", pod({ containers: { web: { tty: true } } }), /spec\.containers: must be a list/],
    ["a null among containers", "spec: { containers: [null] }", /spec\.containers: each item must be a map with name/],
    ["a text among volumes", pod({ volumes: ["x"] }), /spec\.volumes: each item must be a map with name/],
    ["a text among variables", container({ env: ["FOO"] }), /web\.env: each item must be a map with name/],
    ["a variable without name", container({ env: [{ nam: "X" }] }), /web\.env: each item must be a map with name/],
    ["a mount without path", container({ volumeMounts: [{ name: "a" }] }), /volumeMounts: .* with mountPath/],
    ["an alias without address", pod({ hostAliases: [{ hostnames: ["a"] }] }), /hostAliases: .* with ip/],
    ["a null in another list", "spec: { tolerations: [null] }", /spec\.tolerations: null is no item/],
    ["another directive", pod({ tolerations: [{ $patch: "replace" }] }), /tolerations\.\$patch: not known here/],
    ["the removal of an item without a key", pod({ tolerations: [{ $patch: "delete" }] }), /tolerations\.\$patch: not/],
    ["a directive on a map", pod({ affinity: { $patch: "delete" } }), /spec\.affinity\.\$patch: not known here/],
    ["$retainKeys", pod({ strategy: { $retainKeys: ["a"] } }), /\$retainKeys: not known here/],
    ["metadata that is none", "metadata: 5", /metadata: must be a map/],
    ["containers that a template has not", pod({ ephemeralContainers: [] }), /kubectl debug/],
    ["a type of SELinux", context({ seLinuxOptions: { type: "spc_t" } }), /seLinuxOptions\.type: spc_t is not allowed/],
    [
      "a user of SELinux",
      container({ securityContext: { seLinuxOptions: { user: "x" } } }),
      /web securityContext\.seLinuxOptions\.user: x/,
    ],
    ["a role of SELinux", context({ seLinuxOptions: { role: "x" } }), /seLinuxOptions\.role: x/],
    ["a sysctl that is not safe", context({ sysctls: [{ name: "kernel.msgmax", value: "1" }] }), /kernel\.msgmax/],
    [
      "a probe of another host",
      container({ livenessProbe: { httpGet: { host: "a" } } }),
      /livenessProbe\.httpGet: host/,
    ],
    [
      "a connection to another host before its stop",
      container({ lifecycle: { preStop: { tcpSocket: { host: "127.0.0.1" } } } }),
      /preStop\.tcpSocket: host/,
    ],
    [
      "a probe of a sidecar of another host",
      pod({ initContainers: [{ name: "proxy", startupProbe: { tcpSocket: { host: "a" } } }] }),
      /initContainers proxy startupProbe\.tcpSocket: host/,
    ],
    [
      "an open profile of AppArmor",
      { metadata: { annotations: { "container.apparmor.security.beta.kubernetes.io/web": "unconfined" } } },
      /apparmor.*: unconfined is not allowed/,
    ],
    ["an open AppArmor profile", context({ appArmorProfile: { type: "Unconfined" } }), /appArmorProfile: Unconfined/],
    ["host processes of Windows", context({ windowsOptions: { hostProcess: true } }), /windowsOptions: hostProcess/],
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
