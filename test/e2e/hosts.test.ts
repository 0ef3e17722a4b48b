import { afterAll, beforeAll, expect, it } from "vitest";
import { startLoad } from "../load/load.ts";
import { ask, kubectlJson, Workspace } from "./workspace.ts";

const quick = { rollout: { minReadySeconds: 1 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
const api = {
  ...quick,
  build: {
    context: "examples/shop/api",
    args: { BUILD_IMAGE: "127.0.0.1:5000/base/golang:1.26", BASE_IMAGE: "127.0.0.1:5000/base/static:1" },
  },
  port: 8080,
  replicas: { min: 2, max: 2 },
  probes: { path: "/readyz", livenessPath: "/healthz" },
  resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "96Mi" } },
};
const off = { enabled: false };
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace("e2e-hosts", {
    services: {
      web: off,
      orders: off,
      worker: off,
      api: off,
      catalog: { ...api, hosts: ["shop.e2e-hosts.localhost"] },
      prices: { ...api, hosts: ["prices.e2e-hosts.localhost"] },
    },
  });
  await shop.begin();
  await shop.up();
});
afterAll(() => shop.remove());

/** Deploys under load on a host. @returns failed requests */
async function deployUnderLoad(host: string): Promise<number> {
  const load = await startLoad({ url: `http://${host}:30080/version`, rps: 100, maxSeconds: 280 });
  await shop.up();
  // The pods of a service that was removed serve until the last router has dropped them.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { failed, sent, errors } = await load.stop();
  expect(sent).toBeGreaterThan(500);
  if (failed > 0) throw new Error(JSON.stringify(errors));
  return failed;
}

const podOf = async (host: string) => JSON.parse((await ask(host, "/version")).body).pod as string;

/** When Helm began the last revision of a release, in milliseconds. */
async function upgradedAt(release: string): Promise<number> {
  const selector = `owner=helm,name=${release}`;
  const { items } = await kubectlJson<{ items: { metadata: { creationTimestamp: string } }[] }>(
    ...["get", "secrets", "-n", "e2e-hosts", "-l", selector],
  );
  return Math.max(...items.map(({ metadata }) => Date.parse(metadata.creationTimestamp)));
}

it("a service gets another name in two deploys without a lost request", async () => {
  shop.configure("v1", { services: { storefront: { ...api, hosts: [] } } });
  await shop.up();
  shop.configure("v1", { services: { catalog: off, storefront: { hosts: ["shop.e2e-hosts.localhost"] } } });
  expect(await deployUnderLoad("shop.e2e-hosts.localhost")).toBe(0);
  expect(await podOf("shop.e2e-hosts.localhost")).toMatch(/^storefront-/);
});

it("a host moves to another service without a lost request", async () => {
  shop.configure("v2", {
    services: {
      storefront: { hosts: ["old.e2e-hosts.localhost"] },
      // The one that takes the host is slower.
      prices: { hosts: ["prices.e2e-hosts.localhost", "shop.e2e-hosts.localhost"], rollout: { minReadySeconds: 10 } },
    },
  });
  expect(await deployUnderLoad("shop.e2e-hosts.localhost")).toBe(0);
  expect(await podOf("shop.e2e-hosts.localhost")).toMatch(/^prices-/);
  // Here both would have a pod all the time. What gives the host up must wait even so, for the other may have none for minutes.
  expect((await upgradedAt("storefront")) - (await upgradedAt("prices"))).toBeGreaterThanOrEqual(10_000);
});
