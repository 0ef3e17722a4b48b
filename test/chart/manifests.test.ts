import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { program } from "../programs.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { podOf } from "./pod.ts";
import {
  CHARTS,
  type Chart,
  NAME,
  objectsOf,
  render,
  renderText,
  shapesOf,
  shapeValues,
  type Values,
} from "./render.ts";
import { SCHEMA_NAMES, writeSchemas } from "./schemas.ts";

const SHAPES = CHARTS.flatMap((chart) => shapesOf(chart).map((shape): [Chart, string] => [chart, shape]));

/** One namespace for the whole file: its label tells the API server which standard pods must meet. */
const namespace = `chart-test-${process.pid}`;
const CREATE_POD = ["create", "--namespace", namespace, "--dry-run=server", "-f", "-"];
let api: ApiServer | undefined;
let folder: string;
let manifests: Map<string, string>;
const manifestOf = (chart: Chart, shape: string) => manifests.get(`${chart}/${shape}`) ?? "";

beforeAll(async () => {
  api = await startApiServer();
  vi.stubEnv("KUBECONFIG", api.kubeconfig);
  await kubectl(["apply", "-f", "-"], await customKinds());
  folder = await mkdtemp(join(tmpdir(), "slipway-schemas-"));
  manifests = new Map();
  for (const [chart, shape] of SHAPES) {
    manifests.set(`${chart}/${shape}`, await renderText(chart, placed(shapeValues(chart, shape)), namespace));
  }
  const objects = [...manifests.values()].flatMap(objectsOf);
  await writeSchemas(folder, new Set(objects.map(({ apiVersion }) => apiVersion ?? "")));
  const accounts = objects.filter(({ kind }) => kind === "ServiceAccount").map(({ metadata }) => metadata?.name ?? "");
  await kubectl(
    ["apply", "-f", "-"],
    [
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      },
      // The API server refuses a pod without its account before it looks at anything else.
      ...[...new Set([NAME, `${NAME}-after-deploy`, ...accounts])].map((name) => ({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name, namespace },
      })),
    ],
  );
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await api?.stop();
});

describe.each(SHAPES)("%s: %s", (chart, shape) => {
  it("has only fields of the API (kubeconform)", async () => {
    const args = ["-strict", "-summary", "-output", "json", "-schema-location", join(folder, SCHEMA_NAMES)];
    const { stdout } = await execa(program("kubeconform"), args, {
      input: manifestOf(chart, shape),
      reject: false,
    });
    const { resources, summary } = JSON.parse(stdout) as { resources: unknown[]; summary: Record<string, number> };
    expect(resources ?? []).toEqual([]);
    expect(summary).toEqual({
      valid: objectsOf(manifestOf(chart, shape)).length,
      invalid: 0,
      errors: 0,
      skipped: 0,
    });
  });

  it("is accepted by the API server", async () => {
    const dryRun = ["apply", "--server-side", "--force-conflicts", "--field-manager=chart-test", "--dry-run=server"];
    const { exitCode, stderr } = await kubectl(
      [...dryRun, "--validate=strict", "-f", "-"],
      objectsOf(manifestOf(chart, shape)),
    );
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  it("creates pods that the restricted standard allows", async () => {
    const pod = podOf(objectsOf(manifestOf(chart, shape)), "probe");
    const { exitCode, stderr } = await kubectl(CREATE_POD, [pod]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });
});

describe("the checks themselves", () => {
  it("kubeconform finds a field that the API does not have", async () => {
    const misspelt = manifestOf("service", "web").replace("minReadySeconds:", "minReadySecond:");
    const args = ["-strict", "-schema-location", join(folder, SCHEMA_NAMES)];
    const { exitCode, stdout } = await execa(program("kubeconform"), args, { input: misspelt, reject: false });
    expect(stdout).toMatch(/Deployment web is invalid.*minReadySecond/);
    expect(exitCode).toBe(1);
  });

  it("the restricted standard refuses a root user", async () => {
    const pod = podOf(objectsOf(manifestOf("service", "web")), "probe");
    pod.spec.securityContext = { ...pod.spec.securityContext, runAsNonRoot: false, runAsUser: 0 };
    const { exitCode, stderr } = await kubectl(CREATE_POD, [pod]);
    expect(stderr).toMatch(/violates PodSecurity "restricted:latest".*runAsNonRoot/);
    expect(exitCode).toBe(1);
  });
});

/** The kinds that the add-ons install. */
async function customKinds(): Promise<KubernetesObject[]> {
  const charts: [Chart, string][] = [
    ["traefik", "strict"],
    ["argo-rollouts", "default"],
    ["argo-cd", "default"],
  ];
  const objects = await Promise.all(charts.map(([chart, shape]) => render(chart, shapeValues(chart, shape))));
  return objects.flat().filter(({ kind }) => kind === "CustomResourceDefinition");
}

/** Roles need namespaces that exist, such as this one. */
function placed(values: Values | null): Values {
  return {
    ...values,
    ...(values && "namespaces" in values && { namespaces: [namespace] }),
    ...(values && "servicesNamespace" in values && { servicesNamespace: namespace }),
  };
}

function kubectl(args: string[], objects: KubernetesObject[] = []) {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  return execa(program("kubectl"), args, { input, reject: false });
}
