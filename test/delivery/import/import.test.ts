import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { fixture, type Imported, runImport } from "./read.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

/** Writes manifests into a folder of their own. */
function manifests(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "all.yaml"), text);
  return folder;
}

const deployment = (container: string, more = "", name = "api") => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  ${more}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: example.com/${name}:v1@${DIGEST}
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
          ${container}
`;

const paths = ({ findings }: Imported, kind = "leftOut") =>
  findings.filter((finding) => finding.kind === kind).map(({ object, path }) => `${object}: ${path}`);

describe("plain manifests", () => {
  it("become services with the same image, ports, variables, probes, resources, pods and hosts", async () => {
    const { exitCode, services } = await runImport(fixture("plain"));
    expect(exitCode).toBe(0);
    expect(Object.keys(services)).toEqual(["api", "orders", "report"]);
    expect(services.api).toMatchObject({
      image: `registry.example.com/market/api:v5.3.25@${DIGEST}`,
      args: ["serve", "--workers=4"],
      port: 8080,
      servicePort: 8080,
      ports: { admin: { port: 9000 } },
      hosts: ["api.market.example.com"],
      replicas: { min: 3, max: 12 },
      cpu: { target: 60 },
      disruption: { maxUnavailable: 1 },
      probes: { path: "/ready", livenessPath: "/live", timeoutSeconds: 3, startupSeconds: 120 },
      shutdown: { preStopSeconds: 20, drainSeconds: 40 },
      rollout: { maxSurge: 2 },
      files: { "/etc/api/app.properties": "region=seoul\nretries=3\n" },
      tmp: { sizeLimit: "100Mi", paths: ["/var/cache/api"] },
    });
    expect(services.orders).toMatchObject({ probes: { preset: "spring-actuator", startupSeconds: 240 }, user: 20000 });
    expect(services.report).toMatchObject({
      kind: "cron",
      cron: { schedule: "30 2 * * *", timeZone: "Asia/Seoul", concurrencyPolicy: "Allow" },
      job: { backoffLimit: 6 },
      resources: { requests: { cpu: "200m", memory: "128Mi" }, limits: { cpu: "200m", memory: "128Mi" } },
    });
  });

  it("keep the text of a ConfigMap and the references of env", async () => {
    const { services } = await runImport(fixture("plain"));
    expect(services.api.config).toEqual({
      LOG_LEVEL: "info",
      ORDERS_URL: "http://orders:8080/v1",
      GREETING: "costs $$(price) and $$5",
      DATABASE_URL: "postgres://market:$(DB_PASSWORD)@db.internal/market",
      MY_NODE: "$(NODE_NAME)",
    });
  });

  it("give no value of a secret away, and the command that sets each", async () => {
    const { services, secrets, output, files } = await runImport(fixture("plain"), "--env", `prod=${fixture("plain")}`);
    expect(services.api.secrets).toEqual(["DB_PASSWORD", "SESSION_SECRET"]);
    expect(services.api.secretRefs).toEqual([{ secret: "stripe", keys: { STRIPE_KEY: "api-key" } }]);
    expect(secrets.flatMap(({ commands }) => commands)).toEqual([
      "pulumi config set --stack prod --secret slipway:secret.api.DB_PASSWORD",
      "pulumi config set --stack prod --secret slipway:secret.api.SESSION_SECRET",
    ]);
    expect(output + Object.values(files).join("")).not.toContain("never-to-be-copied");
  });

  it("name in a list what could not be carried over", async () => {
    expect(paths(await runImport(fixture("plain")))).toEqual([
      "Job seed: ",
      "Deployment api: spec.template.spec.containers[0].envFrom[0]",
      "Ingress market: spec.ingressClassName",
      "Ingress market: metadata.annotations.nginx.ingress.kubernetes.io/proxy-body-size",
      "Ingress market: metadata.annotations.cert-manager.io/cluster-issuer",
      "Ingress market: spec.tls[0]",
      "Deployment api: spec.template.spec.hostNetwork",
      "Service orders: spec.type",
    ]);
  });

  it("let those call a service whose variables name it", async () => {
    const { services } = await runImport(fixture("plain"));
    expect(services.orders.network).toEqual({ allowFrom: ["api", "report"] });
    expect(services.api.network).toBeUndefined();
  });

  it("keep the ingress controller whose namespace is given, with its annotations and certificate", async () => {
    const { files, services } = await runImport(fixture("plain"), "--ingress-namespace", "edge");
    expect(files["services.yaml"]).toContain("ingress: { class: nginx, namespace: edge }");
    expect(services.api.ingress).toEqual({
      annotations: {
        "nginx.ingress.kubernetes.io/proxy-body-size": "20m",
        "cert-manager.io/cluster-issuer": "letsencrypt",
      },
      tls: { secretName: "market-tls" },
    });
  });

  it("give the same bytes each time", async () => {
    const [first, second] = [await runImport(fixture("plain")), await runImport(fixture("plain"))];
    expect(second.output).toBe(first.output);
  });
});

describe("a chart of another make", () => {
  it("needs helm, and names the command to render it elsewhere", async () => {
    const before = process.env.PATH;
    process.env.PATH = temporaryFolder();
    const { exitCode, error } = await runImport(fixture("chart")).finally(() => {
      process.env.PATH = before;
    });
    expect([exitCode, error]).toEqual([1, expect.stringContaining("no helm is on PATH")]);
    expect(error).toContain("helm template chart");
  });
});

describe("an image", () => {
  const byTag = deployment("").replace(`@${DIGEST}`, "");

  it("named by its tag only is built, and the release of the stack is its tag", async () => {
    const imported = await runImport("--env", `prod=${manifests(byTag)}`, "--build", "api=services/api");
    expect(imported.services.api.build).toEqual({ context: "services/api" });
    expect(imported.files["Pulumi.prod.yaml"]).toContain("slipway:release: v1");
    expect(paths(imported, "check")).not.toContain("Deployment api: spec.template.spec.containers[0].image");
  });

  it("whose digest nobody knows is listed", async () => {
    const imported = await runImport(manifests(byTag));
    expect(paths(imported, "check")).toContain("Deployment api: spec.template.spec.containers[0].image");
  });
});

it("leaves out, in the words of the rules, what they refuse", async () => {
  const imported = await runImport(
    manifests(deployment('env: [{ name: "1BAD", value: x }, { name: GOOD, value: "1" }]', "replicas: 2")),
  );
  expect(imported.services.api.config).toEqual({ GOOD: "1" });
  expect(paths(imported)).toContain("Deployment api: spec.template.spec.containers[0].env");
});

it.each([
  ["an argument", "args: [--db-password=never-to-be-copied]"],
  ["an argument after its flag", "args: [--token, never-to-be-copied]"],
  ["a URL", 'env: [{ name: BROKER, value: "amqp://user:never-to-be-copied@mq" }]'],
  [
    "a header",
    "readinessProbe: { httpGet: { path: /, port: 80, httpHeaders: [{ name: Api-Token, value: never-to-be-copied }] } }",
  ],
])("copies no secret of %s", async (_, container) => {
  const { exitCode, output } = await runImport(manifests(deployment(container)));
  expect(exitCode).toBe(0);
  expect(output).not.toContain("never-to-be-copied");
});

it("copies no file that holds a secret, and makes it a secret file", async () => {
  const config =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { app.yml: 'db: { }\n\n  password: never-to-be-copied' }\n---\n";
  const folder = manifests(
    `${config}${deployment("volumeMounts: [{ name: c, mountPath: /etc/app }]")}      volumes: [{ name: c, configMap: { name: c } }]\n`,
  );
  const { services, secrets, output } = await runImport(folder);
  expect(services.api.secretFiles).toEqual({ "/etc/app/app.yml": "ETC_APP_APP_YML" });
  expect(secrets.map(({ name }) => name)).toEqual(["ETC_APP_APP_YML"]);
  expect(output).not.toContain("never-to-be-copied");
});

describe("--out", () => {
  it("writes the files and the list", async () => {
    const out = join(temporaryFolder(), "imported");
    expect((await runImport(fixture("plain"), "--env", `dev=${fixture("plain")}`, "--out", out)).exitCode).toBe(0);
    expect(["services.yaml", "Pulumi.dev.yaml", "import.md"].map((name) => existsSync(join(out, name)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(readFileSync(join(out, "import.md"), "utf8")).toContain("spec.template.spec.hostNetwork");
  });

  it("overwrites nothing, and writes nothing then", async () => {
    const out = temporaryFolder();
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "import.md"), "mine");
    const { exitCode, error } = await runImport(fixture("plain"), "--out", out);
    expect([exitCode, error]).toEqual([1, expect.stringContaining("is never overwritten")]);
    expect([existsSync(join(out, "services.yaml")), readFileSync(join(out, "import.md"), "utf8")]).toEqual([
      false,
      "mine",
    ]);
  });
});

it.each<[string, () => string[], string]>([
  ["nothing to read", () => [], "name a folder or files"],
  ["a folder that is not there", () => ["nowhere"], "nowhere does not exist"],
  ["values without a chart", () => ["--env", "dev=values.yaml"], "Values need a chart"],
  ["a name that no service can have", () => [manifests(deployment("", "", "An_App"))], "--rename"],
  ["a template", () => [manifests("a: {{ .Values.a }\nb: [")], "It looks like a template of Helm"],
  ["no workload", () => [manifests("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n")], "there is no service"],
  ["--build of no service", () => [fixture("plain"), "--build", "apii=x"], "There are api, orders, report"],
  ["--rename of no service", () => [fixture("plain"), "--rename", "apii=x"], "There are api, orders, report"],
  ["a cluster without a namespace", () => ["--from-cluster"], "needs --namespace"],
])("refuses %s", async (_, args, fault) => {
  const { exitCode, error } = await runImport(...args());
  expect([exitCode, error]).toEqual([1, expect.stringContaining(fault)]);
});
