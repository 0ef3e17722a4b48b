import type { KubernetesObject, V1Job, V1NetworkPolicy, V1PodSpec, V1Service } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClusterReader } from "../../components/cluster/reader.ts";
import { migrationObjects } from "../../components/migrations/job.ts";
import type { Migration } from "../../components/migrations/migration.ts";
import { program } from "../programs.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { podTemplateOf } from "./pod.ts";
import { LEAST, NAME, NAMESPACE, only, render, renderService, shapesOf, shapeValues, type Values } from "./render.ts";

const migration: Migration = {
  service: NAME,
  release: "v2",
  namespace: NAMESPACE,
  image: LEAST.image,
  config: { command: ["/app"], args: ["migrate"], phase: "expand", timeoutSeconds: 90 },
};
const of = (rendered: KubernetesObject[], over: Partial<Migration["config"]> = {}) =>
  migrationObjects(rendered, { ...migration, config: { ...migration.config, ...over } });
const podOf = (job: V1Job) => job.spec?.template.spec as V1PodSpec;
const everything: Values = {
  configName: "web-1",
  secretName: "web-2",
  variables: [{ name: "URL", value: "$(HOST)/x" }],
  secretRefs: ["theirs"],
  files: [{ path: "/etc/app.yaml", key: "0-app.yaml" }],
  filesName: "web.files-1",
  nodeSelector: { disk: "fast" },
  serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/web" } },
  sidecars: [
    {
      name: "proxy",
      image: `registry.example.com/proxy@sha256:${"2".repeat(64)}`,
      port: 3306,
      resources: LEAST.resources,
    },
  ],
  initContainers: [{ name: "fetch", command: ["/fetch"], resources: LEAST.resources }],
  podAnnotations: { "prometheus.io/scrape": "true", "sidecar.istio.io/inject": "true" },
};

describe("a migration's Job", () => {
  it("has the service's image, environment, files, resources and security, and another command", async () => {
    const rendered = await renderService(everything);
    const service = podTemplateOf(rendered).spec as V1PodSpec;
    const pod = podOf(of(rendered).job);
    const [own] = service.containers;
    const [container] = pod.containers;
    expect(container).toMatchObject({ command: ["/app"], args: ["migrate"] });
    for (const field of ["image", "env", "envFrom", "resources", "securityContext", "volumeMounts"] as const)
      expect(container?.[field], field).toEqual(own?.[field]);
    for (const field of ["serviceAccountName", "securityContext", "initContainers", "volumes", "nodeSelector"] as const)
      expect(pod[field], field).toEqual(service[field]);
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  it("runs once, has its deadline, and does not begin by itself", async () => {
    const { job } = of(await renderService());
    expect(job.spec).toMatchObject({ suspend: true, backoffLimit: 0, completions: 1, activeDeadlineSeconds: 90 });
    expect(podOf(job).restartPolicy).toBe("Never");
  });

  it("has no probes, hooks, spreading and scraping, and does not keep the service's own arguments", async () => {
    const rendered = await renderService({ ...everything, args: ["serve"] });
    const { job } = of(rendered, { args: undefined });
    const [container] = podOf(job).containers;
    for (const field of ["startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "args"])
      expect(container).not.toHaveProperty(field);
    expect(podOf(job)).not.toHaveProperty("topologySpreadConstraints");
    expect(podOf(job)).not.toHaveProperty("affinity");
    expect(job.spec?.template.metadata?.annotations).not.toHaveProperty(["prometheus.io/scrape"]);
  });

  it("joins no mesh, and is not moved by who saves nodes", async () => {
    const { metadata } = of(await renderService(everything)).job.spec?.template ?? {};
    expect(metadata?.annotations).toMatchObject({
      "sidecar.istio.io/inject": "false",
      "linkerd.io/inject": "disabled",
      "karpenter.sh/do-not-disrupt": "true",
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    });
    expect(metadata?.labels).toMatchObject({ "sidecar.istio.io/inject": "false" });
  });

  it("gets none of the service's traffic, and may go wherever the service may", async () => {
    const rendered = await renderService({ ...everything, network: { egress: { services: ["db"], internet: false } } });
    const { job, networkPolicy } = of(rendered);
    const labels = job.spec?.template.metadata?.labels ?? {};
    const matches = (selector: Record<string, string> = {}) =>
      Object.entries(selector).every(([key, value]) => labels[key] === value);
    const services = rendered.filter(({ kind }) => kind === "Service") as V1Service[];
    expect(services.filter(({ spec }) => spec?.selector && matches(spec.selector))).toEqual([]);
    const own = only<V1NetworkPolicy>(rendered, "NetworkPolicy");
    expect(matches(own.spec?.podSelector?.matchLabels)).toBe(false);
    expect(matches(networkPolicy.spec?.podSelector?.matchLabels)).toBe(true);
    expect(networkPolicy.spec).toMatchObject({ ingress: [], egress: own.spec?.egress });
    // Whoever lets the service in by its name lets the migration in.
    expect(labels["app.kubernetes.io/name"]).toBe(NAME);
  });

  it("of a stateful service leaves the volume to the pods", async () => {
    const volume = { size: "1Gi", mountPath: "/data" };
    const pod = podOf(of(await renderService({ kind: "stateful", volume })).job);
    expect(pod.containers[0]?.volumeMounts?.map(({ name }) => name)).not.toContain("data");
  });

  it("has a patch of the pod too, without containers that may never end", async () => {
    const patch = {
      spec: { dnsConfig: { options: [{ name: "ndots", value: "1" }] }, containers: [{ name: "extra" }] },
    };
    const pod = podOf(of(await renderService({ patch: JSON.stringify(patch) })).job);
    expect(pod.dnsConfig).toEqual(patch.spec.dnsConfig);
    expect(pod.containers.map(({ name }) => name)).toEqual([NAME]);
  });

  it("is named by image, command and phase, and by nothing else", async () => {
    const rendered = await renderService();
    const nameOf = (over: Partial<Migration>, config: Partial<Migration["config"]> = {}) =>
      migrationObjects(rendered, { ...migration, ...over, config: { ...migration.config, ...config } }).job.metadata
        ?.name;
    const name = nameOf({});
    expect([nameOf({ release: "v9" }), nameOf({}, { timeoutSeconds: 1, database: "x" })]).toEqual([name, name]);
    const others = [
      nameOf({ image: `x@sha256:${"3".repeat(64)}` }),
      nameOf({}, { command: ["/other"] }),
      nameOf({}, { args: ["x"] }),
      nameOf({}, { phase: "contract" }),
    ];
    expect(new Set([name, ...others]).size).toBe(5);
    // A label of the pod has the Job's name.
    const longest = nameOf({}, { phase: "contract" })?.slice(NAME.length) ?? "";
    expect(`${"s".repeat(40)}${longest}`.length).toBeLessThanOrEqual(63);
  });
});

describe("an API server with the standard restricted", () => {
  let api: ApiServer;
  let reader: ClusterReader;
  beforeAll(async () => {
    api = await startApiServer();
    reader = ClusterReader.ofContext({ context: "test", kubeconfig: api.kubeconfig });
    const kubectl = (...args: string[]) => execa(program("kubectl"), args, { env: { KUBECONFIG: api.kubeconfig } });
    await kubectl("create", "namespace", NAMESPACE);
    await kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/warn=restricted");
  });
  afterAll(() => api?.stop());

  it.each(shapesOf("service"))("takes every object of a migration of the shape %s", async (shape) => {
    const { job, networkPolicy, serviceAccount } = of(await render("service", shapeValues("service", shape)));
    for (const object of [job, networkPolicy, serviceAccount]) expect(await reader.dryRun.ask(object)).toBe("accepted");
  });

  it("refuses a Job whose pod it would refuse", async () => {
    const { job } = of(await renderService());
    podOf(job).hostNetwork = true;
    expect(await reader.dryRun.ask(job)).toMatchObject({ message: expect.stringMatching(/would violate PodSecurity/) });
  });
});
