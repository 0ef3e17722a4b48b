import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLoad } from "../load/load.ts";
import { ask, kubectl, kubectlJson, Workspace } from "./workspace.ts";

interface PodList {
  items: {
    metadata: { name: string; creationTimestamp: string };
    spec: { nodeName: string; containers: { image: string }[] };
  }[];
}

const quick = { rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
/** What goes away takes its preStop pause and its drain. */
const patience = { timeout: 30_000, interval: 500 };
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace("e2e-deploy", {
    services: {
      web: { ...quick, replicas: { min: 2, max: 2 } },
      api: { ...quick, replicas: { min: 3, max: 3 } },
      orders: { ...quick, config: { START_SECONDS: "3" } },
      worker: quick,
    },
  });
  await shop.begin();
});
afterAll(() => shop.remove());

const pods = (service: string) =>
  kubectlJson<PodList>("get", "pods", "-n", "e2e-deploy", "-l", `app.kubernetes.io/name=${service}`);
const release = async () => JSON.parse((await ask("api.e2e-deploy.localhost", "/version")).body).release;

/** Output of an update that must be refused, in words for people. */
async function refusal(): Promise<string> {
  const { exitCode, output } = await shop.run("up");
  expect(exitCode).toBe(1);
  expect(output).not.toMatch(/\n\s+at .*\.(ts|js):/);
  return output;
}

describe("a stack's life", () => {
  let first: Awaited<ReturnType<Workspace["services"]>>;

  it("previews a first deploy: every image that would be built, and nothing changed", async () => {
    const { exitCode, output } = await shop.run("preview");
    expect(exitCode, output).toBe(0);
    const built = [...output.matchAll(/docker:index\/image:Image: \(create\)\s+\[urn=[^\]]*::(\w+)\]/g)].map(
      ([, name]) => name,
    );
    expect(built.sort()).toEqual(["api", "orders", "web", "worker"]);
    expect((await kubectl("get", "namespaces")).includes("e2e-deploy")).toBe(false);
  });

  it("deploys all services, whole, by digest, spread over the nodes", async () => {
    await shop.up();
    first = await shop.services();
    expect(Object.keys(first)).toEqual(["api", "orders", "web", "worker"]);
    for (const { ready, desired, release, digest } of Object.values(first)) {
      expect(release).toBe("v1");
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(ready).toBe(desired);
    }
    const { items } = await pods("api");
    expect(new Set(items.map(({ spec }) => spec.nodeName)).size).toBe(2);
    for (const { spec } of items)
      expect(spec.containers[0]?.image).toMatch(/^127\.0\.0\.1:5000\/e2e-deploy-\w+@sha256:/);
    expect(await release()).toBe("v1");
    expect((await ask("e2e-deploy.localhost", "/")).body).toContain("v1");
  });

  it("changes nothing the second time", async () => {
    const before = await pods("api");
    const output = await shop.up();
    expect(output).toMatch(/Resources:\s+\d+ unchanged/);
    expect((await pods("api")).items.map(({ metadata }) => metadata.name).sort()).toEqual(
      before.items.map(({ metadata }) => metadata.name).sort(),
    );
  });

  it("rolls a new release out under load without a lost request", async () => {
    appendFileSync(shop.path("examples/shop/api/main.go"), "\n// A change of the source.\n");
    shop.configure("v2");
    const load = await startLoad({ url: "http://api.e2e-deploy.localhost:30080/version", rps: 200, maxSeconds: 280 });
    await shop.up();
    const report = await load.stop();
    expect(report.failed, JSON.stringify(report.errors)).toBe(0);
    expect(report.sent).toBeGreaterThan(1000);
    expect(Object.keys(report.byRelease).sort()).toEqual(["v1", "v2"]);
    expect(await release()).toBe("v2");
  });

  it("rolls back to the exact bytes of the earlier release, whatever the working tree says", async () => {
    rmSync(shop.path("examples/shop/api/Dockerfile"));
    shop.configure("v1");
    await shop.up();
    const now = await shop.services();
    expect(now.api?.digest).toBe(first.api?.digest);
    expect(now.web?.digest).toBe(first.web?.digest);
    expect(await release()).toBe("v1");
    expect(await shop.up()).toMatch(/Resources:\s+\d+ unchanged/);
  });

  it("refuses a release that is neither in the registry nor can be built, before anything changes", async () => {
    const revisions = await kubectl("get", "secrets", "-n", "e2e-deploy", "-l", "owner=helm", "-o", "name");
    shop.configure("v3");
    expect(await refusal()).toContain(
      "services.api: the registry does not have api-v3, and there is no examples/shop/api/Dockerfile",
    );
    expect(await kubectl("get", "secrets", "-n", "e2e-deploy", "-l", "owner=helm", "-o", "name")).toBe(revisions);
  });

  it("refuses a missing release where builds are off, and a registry that is away, before anything is touched", async () => {
    const revisions = await kubectl("get", "secrets", "-n", "e2e-deploy", "-l", "owner=helm", "-o", "name");
    shop.configure("v3", { images: { build: "never" } });
    expect(await refusal()).toContain("services.web: the registry does not have web-v3, and images.build is never.");
    shop.configure("v3", { images: { repository: "127.0.0.1:5999/shop" } });
    expect(await refusal()).toContain(
      "127.0.0.1:5999 cannot be reached (ECONNREFUSED). Check the registry in the config",
    );
    shop.configure("v3", { images: { repository: `127.0.0.1:5000/${shop.repository}` } });
    expect(await kubectl("get", "secrets", "-n", "e2e-deploy", "-l", "owner=helm", "-o", "name")).toBe(revisions);
  });

  it("promotes what was pushed, and builds nothing, where builds are off", async () => {
    shop.configure("v2", { images: { build: "never" } });
    const output = await shop.up();
    expect(output).not.toContain("docker:index:Image");
    expect(await release()).toBe("v2");
  });

  it("rolls the pods when only the config changes", async () => {
    const before = await pods("api");
    shop.configure("v2", { services: { api: { config: { GREETING: "Good evening" } } } });
    await shop.up();
    const names = ({ items }: PodList) => items.map(({ metadata }) => metadata.name);
    // The last old pods are still on their way out when the new ones serve.
    await expect
      .poll(async () => names(await pods("api")).filter((name) => names(before).includes(name)), patience)
      .toEqual([]);
    expect((await pods("api")).items).toHaveLength(3);
    expect((await ask("api.e2e-deploy.localhost", "/version")).body).toContain("Good evening");
  });

  it("rolls out a change of the chart's files alone", async () => {
    const file = shop.path("charts/service/templates/_pod.tpl");
    const changed = readFileSync(file, "utf8").replace(/^( *)enableServiceLinks: false$/m, "$&\n$1hostname: changed");
    writeFileSync(file, changed);
    await shop.up();
    expect(
      await kubectl("get", "deployment", "worker", "-n", "e2e-deploy", "-o", "jsonpath={.spec.template.spec.hostname}"),
    ).toBe("changed");
  });

  it("takes a service away that the environment no longer runs", async () => {
    shop.configure("v2", { services: { worker: { enabled: false } } });
    await shop.up();
    expect(Object.keys(await shop.services())).toEqual(["api", "orders", "web"]);
    const left = () =>
      kubectl(
        "get",
        "all,configmaps,pdb,serviceaccounts,networkpolicies",
        "-n",
        "e2e-deploy",
        "-l",
        "app.kubernetes.io/name=worker",
        "-o",
        "name",
      );
    await expect.poll(left, patience).toBe("");
  });

  it("leaves nothing in the cluster when destroyed, and every image in the registry", async () => {
    const { exitCode, output } = await shop.run("destroy");
    expect(exitCode, output).toBe(0);
    expect((await kubectl("get", "namespaces", "-o", "name")).includes("e2e-deploy")).toBe(false);
    const answer = await fetch(`http://127.0.0.1:5000/v2/${shop.repository}/tags/list`);
    const { tags } = (await answer.json()) as { tags: string[] };
    expect(tags).toEqual(expect.arrayContaining(["api-v1", "api-v2", "web-v1", "web-v2"]));
  });
});
