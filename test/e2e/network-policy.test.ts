import http from "node:http";
import type { AddressInfo } from "node:net";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { network, nodes, paths } from "../../sandbox/paths.ts";
import { toolPath } from "../../sandbox/toolchain.ts";
import { ask, kubectl, Workspace } from "./workspace.ts";

const STACK = "e2e-policy";
const ELSEWHERE = "e2e-policy-elsewhere";
/** Its first packet leaves as soon as the process runs, and more within the time that the API takes to learn of a pod. */
const EAGER = `
import socket, sys
call = socket.socket()
call.settimeout(4)
print("open" if call.connect_ex((sys.argv[1], int(sys.argv[2]))) == 0 else "closed")
sys.exit(1)
`;
const PROBE = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)";

const quick = {
  replicas: { min: 1, max: 1 },
  rollout: { minReadySeconds: 1 },
  shutdown: { preStopSeconds: 1, drainSeconds: 1 },
};
/** Two addresses that are no pod's: one is listed in a service's cidrs, the other is not. */
const [listed, unlisted] = nodes.map(({ address }) => address) as [string, string];

let shop: Workspace;
const outside = http.createServer((_, response) => response.end());
let port: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => outside.listen(0, "0.0.0.0", resolve));
  port = String((outside.address() as AddressInfo).port);
  const orders = { ...quick, config: { START_SECONDS: "0" }, probes: { startupSeconds: 30 } };
  shop = new Workspace(STACK, {
    services: {
      web: quick,
      api: quick,
      worker: quick,
      orders: { ...orders, network: { egress: { internet: false, cidrs: [`${listed}/32`] } } },
      members: {
        ...orders,
        kind: "stateful",
        probes: { preset: "spring-actuator", startupSeconds: 30 },
        replicas: { min: 2, max: 2 },
        port: 8080,
        build: { context: "examples/shop/orders", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
        resources: { requests: { cpu: "20m", memory: "48Mi" }, limits: { memory: "128Mi" } },
        network: { egress: { internet: false } },
      },
    },
  });
  await shop.begin();
  await shop.up();
  await kubectl("create", "namespace", ELSEWHERE);
  const image = await kubectl(
    "get",
    "deploy/worker",
    "-n",
    STACK,
    "-o",
    "jsonpath={.spec.template.spec.containers[0].image}",
  );
  await kubectl("run", "caller", "-n", ELSEWHERE, `--image=${image}`, "--command", "--", "sleep", "600");
  await kubectl("wait", "pod/caller", "-n", ELSEWHERE, "--for=condition=Ready", "--timeout=60s");
});

afterAll(async () => {
  outside.close();
  await kubectl("delete", "namespace", ELSEWHERE, "--ignore-not-found", "--wait=false");
  await shop.remove();
});

interface Caller {
  pod: string;
  namespace?: string;
}
const worker: Caller = { pod: "deploy/worker" };
const orders: Caller = { pod: "deploy/orders" };
const elsewhere: Caller = { pod: "pod/caller", namespace: ELSEWHERE };

/** Connects from inside a pod. A name that does not resolve and a refused connection fail the test: neither is a policy's doing. */
async function connect(
  { pod, namespace = STACK }: Caller,
  host: string,
  to: string | number = 80,
): Promise<"open" | "closed"> {
  const probe = ["python3", "-c", PROBE, host, String(to)];
  const { exitCode, all } = await execa(toolPath("kubectl"), ["exec", "-n", namespace, pod, "--", ...probe], {
    env: { KUBECONFIG: paths.kubeconfig },
    all: true,
    reject: false,
  });
  if (exitCode === 0) return "open";
  if (/TimeoutError: timed out/.test(all)) return "closed";
  throw new Error(`${pod} to ${host}:${to}: ${all}`);
}

const api = `api.${STACK}`;

describe("a service", () => {
  it("answers the ingress controller, and the services that allowFrom lists", async () => {
    const page = await ask(`${STACK}.localhost`, "/");
    expect(page.status).toBe(200);
    // The page has a row for each backend, which says so if it did not answer.
    expect(page.body).toMatch(/<td>api<\/td><td><code>v1<.*<td>orders<\/td><td><code>v1</s);
    expect((await ask(`api.${STACK}.localhost`, "/version")).status).toBe(200);
    expect(await connect(worker, "orders")).toBe("open");
  });

  it("is closed to a service that allowFrom does not list, and to other namespaces", async () => {
    expect(await Promise.all([connect(worker, api), connect(elsewhere, api)])).toEqual(["closed", "closed"]);
  });

  it("with egress.internet false reaches the addresses that cidrs lists, and no others", async () => {
    const calls = [connect(orders, listed, port), connect(orders, unlisted, port), connect(worker, unlisted, port)];
    expect(await Promise.all(calls)).toEqual(["open", "closed", "open"]);
  });

  it("reaches itself through its own Service, though allowFrom does not list it", async () => {
    expect(await connect(orders, "orders")).toBe("open");
  });

  it("has no IPv6 address, over which policies would not be checked", async () => {
    const addresses = await kubectl("exec", "-n", STACK, worker.pod, "--", "cat", "/proc/net/if_inet6");
    expect(addresses).not.toContain("eth0");
  });

  it("that is stateful has members that reach each other, and nobody else reaches them", async () => {
    const member = { pod: "pod/members-0" };
    const other = `members-1.members-headless.${STACK}`;
    const calls = [connect(member, other, 8080), connect(worker, other, 8080), connect(member, unlisted, port)];
    expect(await Promise.all(calls)).toEqual(["open", "closed", "closed"]);
  });
});

describe("a new pod", () => {
  it("is closed from its first packet on", async () => {
    const policy = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "eager" } };
    const spec = { podSelector: { matchLabels: { run: "eager" } }, policyTypes: ["Egress"] };
    await execa(toolPath("kubectl"), ["apply", "-n", ELSEWHERE, "-f", "-"], {
      env: { KUBECONFIG: paths.kubeconfig },
      input: JSON.stringify({ ...policy, spec }),
    });
    const image = await kubectl("get", "pod/caller", "-n", ELSEWHERE, "-o", "jsonpath={.spec.containers[0].image}");
    const command = ["python3", "-c", EAGER, unlisted, port];
    await kubectl(
      "run",
      "eager",
      "-n",
      ELSEWHERE,
      `--image=${image}`,
      "--restart=Never",
      "--command",
      "--",
      ...command,
    );
    await kubectl("wait", "pod/eager", "-n", ELSEWHERE, "--for=jsonpath={.status.phase}=Failed", "--timeout=30s");
    expect((await kubectl("logs", "eager", "-n", ELSEWHERE)).trim()).toBe("closed");
  });
});

describe("an address on the pods' network", () => {
  const peer = "policy-peer";
  afterAll(async () => {
    await execa("ip", ["netns", "delete", peer], { reject: false });
  });

  it("is closed while the API knows no pod that has it", async () => {
    await execa("ip", ["netns", "add", peer]);
    await execa("ip", ["link", "add", peer, "master", network.bridge, "type", "veth", "peer", "eth0", "netns", peer]);
    await execa("ip", ["link", "set", peer, "up"]);
    await execa("ip", ["-n", peer, "link", "set", "eth0", "up"]);
    const inside = ["netns", "exec", peer, "python3", "-c", PROBE, unlisted, port];
    const results: (number | undefined)[] = [];
    // The control: that of an image build.
    for (const address of ["10.213.250.250", network.podsTo]) {
      await execa("ip", ["-n", peer, "address", "replace", `${address}/${network.prefix}`, "dev", "eth0"]);
      results.push((await execa("ip", inside, { reject: false })).exitCode);
      await execa("ip", ["-n", peer, "address", "flush", "dev", "eth0"]);
    }
    expect(results).toEqual([0, 1]);
  });
});

describe("without its network policy", () => {
  it("a service is open to all and reaches all: it was the policy that closed it", async () => {
    await kubectl("delete", "networkpolicy", "api", "orders", "-n", STACK);
    const calls = [connect(worker, api), connect(elsewhere, api), connect(orders, unlisted, port)];
    expect(await Promise.all(calls)).toEqual(["open", "open", "open"]);
  });
});
