import type { V1ServiceAccount } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf, podTemplateOf, serviceContainer } from "./pod.ts";
import { LEAST, only, renderService } from "./render.ts";

const SELECTOR = { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web" };

describe("the container", () => {
  it("runs the image as given, by digest", async () => {
    const container = await serviceContainer();
    expect(container.image).toBe(LEAST.image);
    expect(container.imagePullPolicy).toBe("IfNotPresent");
  });

  it("keeps the image's command by default", async () => {
    expect(await serviceContainer()).not.toHaveProperty("command");
    expect(await serviceContainer()).not.toHaveProperty("args");
    const told = await serviceContainer({ command: ["/bin/run"], args: ["--fast"] });
    expect(told).toMatchObject({ command: ["/bin/run"], args: ["--fast"] });
  });

  it("knows its release, port, pod and node, and their addresses", async () => {
    expect((await serviceContainer()).env).toEqual([
      { name: "RELEASE", value: "v1.0.0" },
      { name: "PORT", value: "8080" },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
    ]);
  });

  it("keeps a release that looks like a number as a string", async () => {
    const objects = await renderService({ release: "20250131" });
    expect(containerOf(objects).env?.[0]).toEqual({ name: "RELEASE", value: "20250131" });
    expect(podTemplateOf(objects).metadata?.labels?.["app.kubernetes.io/version"]).toBe("20250131");
  });

  it("reads configuration and secret", async () => {
    const objects = await renderService({ configName: "web-7f3a91", secretName: "web-4c1d9e" });
    expect(containerOf(objects).envFrom).toEqual([
      { configMapRef: { name: "web-7f3a91" } },
      { secretRef: { name: "web-4c1d9e" } },
    ]);
  });

  it("reads Secrets that exist, whole and by key", async () => {
    const variables = [{ name: "TOKEN", secret: "stripe", key: "token" }];
    const container = await serviceContainer({ secretRefs: ["mail", "1e3"], variables });
    expect(container.envFrom).toEqual([{ secretRef: { name: "mail" } }, { secretRef: { name: "1e3" } }]);
    expect(container.env?.at(-1)).toEqual({
      name: "TOKEN",
      valueFrom: { secretKeyRef: { name: "stripe", key: "token" } },
    });
  });

  it("composes variables in their order, after those that they name", async () => {
    const variables = [
      { name: "PASSWORD", from: "secret" },
      { name: "USER", from: "config" },
      { name: "URL", value: "$(USER):$(PASSWORD)@$(HOST_IP)" },
    ];
    const { env } = await serviceContainer({ configName: "web-1", secretName: "web-2", variables });
    expect(env?.slice(-4)).toEqual([
      { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "web-2", key: "PASSWORD" } } },
      { name: "USER", valueFrom: { configMapKeyRef: { name: "web-1", key: "USER" } } },
      { name: "URL", value: "$(USER):$(PASSWORD)@$(HOST_IP)" },
    ]);
  });

  it("reads neither if there is none", async () => {
    const objects = await renderService();
    expect(containerOf(objects)).not.toHaveProperty("envFrom");
    // They are made beside the release: one of the chart's own would change under the pods of the old version.
    expect(objects.filter(({ kind }) => kind === "ConfigMap" || kind === "Secret")).toEqual([]);
  });

  it("requests its resources, and disk", async () => {
    expect((await serviceContainer()).resources).toEqual({
      requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
      limits: { memory: "128Mi", "ephemeral-storage": "1Gi" },
    });
  });

  it("annotates its pods and marks a restart", async () => {
    const values = { podAnnotations: { team: "backend" }, restartedAt: "2025-01-31T12:00:00Z" };
    expect(podTemplateOf(await renderService(values)).metadata?.annotations).toEqual({
      team: "backend",
      "slipway.dev/restarted-at": "2025-01-31T12:00:00Z",
    });
  });
});

describe("pod security (restricted)", () => {
  it("is an unprivileged user, with the runtime's seccomp profile", async () => {
    expect(podSpecOf(await renderService()).securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
  });

  it("runs the image of somebody else as its own user, and does not roll with a release", async () => {
    const values = { user: 999, podVersion: "8.2" };
    const [before, after] = [
      await renderService({ ...values, release: "v1" }),
      await renderService({ ...values, release: "v2" }),
    ];
    expect(podSpecOf(before).securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 999, runAsGroup: 999 });
    expect(podTemplateOf(after)).toEqual(podTemplateOf(before));
    expect(podTemplateOf(before).metadata?.labels?.["app.kubernetes.io/version"]).toBe("8.2");
    const deployment = only(after, "Deployment");
    expect(deployment.metadata?.labels?.["app.kubernetes.io/version"]).toBe("v2");
  });

  it("can be another user", async () => {
    const { securityContext } = podSpecOf(await renderService({ user: 12345 }));
    expect(securityContext).toMatchObject({ runAsUser: 12345, runAsGroup: 12345, fsGroup: 12345 });
  });

  it("has a read-only root, no capabilities and no privilege escalation", async () => {
    expect((await serviceContainer()).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("may write to /tmp, up to a limit", async () => {
    const objects = await renderService({ tmp: { sizeLimit: "1Gi" } });
    expect(containerOf(objects).volumeMounts).toEqual([{ name: "tmp", mountPath: "/tmp" }]);
    expect(podSpecOf(objects).volumes).toEqual([{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }]);
    expect(podSpecOf(await renderService()).volumes?.[0]?.emptyDir).toEqual({ sizeLimit: "256Mi" });
  });

  it("may write to further folders, each up to the limit", async () => {
    const objects = await renderService({ tmp: { paths: ["/var/cache/nginx", "/var/run"] } });
    expect(containerOf(objects).volumeMounts?.slice(1)).toEqual([
      { name: "tmp-0", mountPath: "/var/cache/nginx" },
      { name: "tmp-1", mountPath: "/var/run" },
    ]);
    const emptyDir = { sizeLimit: "256Mi" };
    expect(podSpecOf(objects).volumes).toEqual(["tmp", "tmp-0", "tmp-1"].map((name) => ({ name, emptyDir })));
  });

  it("has its own account, without a token", async () => {
    const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/web" };
    const objects = await renderService({ serviceAccount: { annotations } });
    expect(only<V1ServiceAccount>(objects, "ServiceAccount")).toMatchObject({
      metadata: { name: "web", annotations },
      automountServiceAccountToken: false,
    });
    expect(podSpecOf(objects)).toMatchObject({ serviceAccountName: "web", automountServiceAccountToken: false });
  });

  it("rolls when its account's annotations or role change, and only then", async () => {
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    const mark = async (serviceAccount: object) =>
      podTemplateOf(await renderService({ serviceAccount })).metadata?.annotations?.["slipway.dev/service-account"];
    expect(podTemplateOf(await renderService()).metadata).not.toHaveProperty("annotations");
    const marks = [
      await mark({ annotations: { team: "a" } }),
      await mark({ annotations: { team: "b" } }),
      await mark({ roleArn: role("a") }),
      await mark({ roleArn: role("b") }),
    ];
    expect(new Set(marks).size).toBe(marks.length);
    expect(await mark({ roleArn: role("a") })).toBe(marks[2]);
    // The association is in AWS: no annotation of the account says it.
    const account = only<V1ServiceAccount>(
      await renderService({ serviceAccount: { roleArn: role("a") } }),
      "ServiceAccount",
    );
    expect(account.metadata).not.toHaveProperty("annotations");
  });

  it("gets no variables for other Services", async () => {
    expect(podSpecOf(await renderService()).enableServiceLinks).toBe(false);
  });
});

describe("placement", () => {
  it.each([
    ["deployment", "pod-template-hash"],
    ["stateful", "controller-revision-hash"],
  ])(
    "%s: spreads each revision over hosts and zones, and still schedules a pod that cannot be spread",
    async (kind, revision) => {
      const constraint = (topologyKey: string) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: SELECTOR },
        matchLabelKeys: [revision],
      });
      expect(podSpecOf(await renderService({ kind })).topologySpreadConstraints).toEqual([
        constraint("kubernetes.io/hostname"),
        constraint("topology.kubernetes.io/zone"),
      ]);
    },
  );

  it.each([
    ["hosts", ["DoNotSchedule", "ScheduleAnyway"]],
    ["zones", ["ScheduleAnyway", "DoNotSchedule"]],
  ])("spreads over %s without exception if it is required", async (over, expected) => {
    const constraints = podSpecOf(await renderService({ spread: { [over]: "required" } })).topologySpreadConstraints;
    expect(constraints?.map(({ whenUnsatisfiable }) => whenUnsatisfiable)).toEqual(expected);
  });

  it("stays where it is with rebalance: never, and has no annotation of the descheduler otherwise", async () => {
    const annotationsOf = async (values: object) =>
      podTemplateOf(await renderService({ ...values })).metadata?.annotations;
    const stays = { "descheduler.alpha.kubernetes.io/prefer-no-eviction": "true" };
    expect(await annotationsOf({ rebalance: "never" })).toEqual(stays);
    // A second key of the same name would be no YAML.
    expect(await annotationsOf({ rebalance: "never", podAnnotations: stays })).toEqual(stays);
    expect(await annotationsOf({})).toBeUndefined();
  });

  it("has a priority, a runtime and logins to registries if the service names them", async () => {
    const spec = podSpecOf(
      await renderService({
        priorityClassName: "high",
        runtimeClassName: "gvisor",
        imagePullSecrets: ["login", "0x1"],
      }),
    );
    expect(spec).toMatchObject({
      priorityClassName: "high",
      runtimeClassName: "gvisor",
      imagePullSecrets: [{ name: "login" }, { name: "0x1" }],
    });
    const without = podSpecOf(await renderService());
    for (const key of ["priorityClassName", "runtimeClassName", "imagePullSecrets"])
      expect(without).not.toHaveProperty(key);
  });

  it("prefers a host without a pod of the service", async () => {
    expect(podSpecOf(await renderService()).affinity).toEqual({
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: SELECTOR } },
          },
        ],
      },
    });
  });

  it("leaves a lost node after 30 s", async () => {
    const toleration = (state: string, tolerationSeconds: number) => ({
      key: `node.kubernetes.io/${state}`,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds,
    });
    const at = (seconds: number) => [toleration("not-ready", seconds), toleration("unreachable", seconds)];
    expect(podSpecOf(await renderService()).tolerations).toEqual(at(30));
    expect(podSpecOf(await renderService({ nodeLossSeconds: 60 })).tolerations).toEqual(at(60));
  });

  it("accepts more tolerations and a node selector", async () => {
    const own = { key: "dedicated", operator: "Exists", effect: "NoSchedule" };
    const spec = podSpecOf(await renderService({ tolerations: [own], nodeSelector: { pool: "batch" } }));
    expect(spec.tolerations).toHaveLength(3);
    expect(spec.tolerations?.[2]).toEqual(own);
    expect(spec.nodeSelector).toEqual({ pool: "batch" });
    expect(podSpecOf(await renderService())).not.toHaveProperty("nodeSelector");
  });
});
