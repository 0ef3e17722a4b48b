import type { IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { serve } from "../../components/images/registry-server.ts";
import { useShop } from "../shop.ts";

const shop = useShop();
let cluster: Awaited<ReturnType<typeof serve>>;
let pods: string[];
let asked: IncomingMessage["url"][];
let described: Record<string, object>;

beforeEach(async () => {
  pods = ["api-1", "api-2"];
  asked = [];
  described = {};
  cluster = await serve((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    if (!url.includes("/log?")) {
      const items = pods.map((name) => ({ metadata: { name, ...described[name] } }));
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ items }));
    }
    if (url.includes("previous=true")) return void response.writeHead(400).end("{}");
    response.writeHead(200).write("first ü\nsec");
    response.end("ond\n");
  });
  const context = {
    clusters: [{ name: "here", cluster: { server: `http://${cluster.address}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "here" }],
  };
  const contexts = [{ name: "here", context: { cluster: "here", user: "here" } }];
  shop.clone.write(".slipway/kubeconfig", stringify({ ...context, contexts }));
});
afterEach(() => cluster.close());

const logs = (...args: string[]) => shop.run("logs", "--stack", "dev", ...args);

describe("logs", () => {
  it("prints each line after the name of its pod", async () => {
    const { exitCode, stdout } = await logs("api");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").sort()).toEqual(["", "api-1 first ü", "api-1 second", "api-2 first ü", "api-2 second"]);
    expect(asked[0]).toContain("labelSelector=app.kubernetes.io%2Fname%3Dapi");
    expect(asked[1]).toMatch(/container=api&follow=false.*tailLines=200/);
  });

  it.each([
    [["--since", "15m"], "sinceSeconds=900"],
    [["--tail", "5"], "tailLines=5"],
    [["--follow"], "follow=true"],
  ])("passes on %j", async (args, parameter) => {
    await logs("api", ...args);
    expect(asked[1]).toContain(parameter);
  });

  it("warns of a pod without an earlier container", async () => {
    const { exitCode, stderr } = await logs("api", "--previous");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("The log of api-1 cannot be read")]);
  });

  it("prints one object under --json", async () => {
    const { stdout } = await logs("api", "--json");
    expect(JSON.parse(stdout).pods).toEqual({ "api-1": ["first ü", "second"], "api-2": ["first ü", "second"] });
    expect((await logs("api", "--json", "--follow")).exitCode).toBe(1);
  });

  it("refuses a service that the stack does not have", async () => {
    const { exitCode, stderr } = await logs("apii");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Did you mean api?")]);
  });

  it("prints the last run of what runs to an end, and leaves one-off commands out", async () => {
    const of = (job: string, more = {}) => ({ "batch.kubernetes.io/job-name": job, ...more });
    pods = ["api-1-a", "api-2-b", "api-run-c"];
    described = {
      "api-1-a": { labels: of("api-1"), creationTimestamp: "2026-01-01T00:00:00Z" },
      "api-2-b": { labels: of("api-2"), creationTimestamp: "2026-01-02T00:00:00Z" },
      "api-run-c": {
        labels: of("c", { "app.kubernetes.io/component": "run" }),
        creationTimestamp: "2026-01-03T00:00:00Z",
      },
    };
    expect(Object.keys(JSON.parse((await logs("api", "--json")).stdout).pods)).toEqual(["api-2-b"]);
    await logs("api", "--job", "c");
    expect(asked.find((url) => url?.includes("job-name"))).toContain("batch.kubernetes.io%2Fjob-name%3Dc");
  });

  it("fails if the service has no pods", async () => {
    pods = [];
    expect(await logs("api")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no pod of api") });
  });
});

describe("open", () => {
  const open = (...args: string[]) => shop.run("open", "--stack", "dev", "--json", ...args);

  it("prints the URL of a service, by default of the first one with a host", async () => {
    const web = "    services:\n      web:\n        port: 8080\n        hosts: [shop.example.com]\n";
    shop.clone.write("stacks/Pulumi.dev.yaml", `${shop.stackFile}${web}`);
    expect(JSON.parse((await open()).stdout).url).toBe("https://shop.example.com");
    expect(JSON.parse((await open("web")).stdout).url).toBe("https://shop.example.com");
    expect(await open("api")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Services with hosts: web"),
    });
  });
});
