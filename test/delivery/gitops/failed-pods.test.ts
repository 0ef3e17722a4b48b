import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readEnvironment } from "../../../delivery/environment.ts";
import { describeFailedPods } from "../../../delivery/gitops/failed-pods.ts";
import { serve } from "../../components/images/registry-server.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { projectFiles, stackText } from "../project.ts";

let cluster: Awaited<ReturnType<typeof serve>>;
/** Logs by pod and whether they are of the run before. */
let logs: Record<string, string>;
let pods: object[];

const pod = (name: string, createdAt: string, state: object, lastState = {}) => ({
  metadata: { name, namespace: "shop", creationTimestamp: createdAt, labels: { "app.kubernetes.io/name": "api" } },
  spec: { containers: [] },
  status: { phase: "Running", containerStatuses: [{ name: "api", ready: false, restartCount: 2, state, lastState }] },
});
const crashing = { waiting: { reason: "CrashLoopBackOff", message: "back-off" } };
const exited = { terminated: { reason: "Error", exitCode: 1 } };

beforeEach(async () => {
  logs = {};
  cluster = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const [, name] = /^\/api\/v1\/namespaces\/shop\/pods\/([\w-]+)\/log$/.exec(pathname) ?? [];
    if (name !== undefined) {
      const log = logs[`${name} ${searchParams.get("previous")}`];
      return void response.writeHead(log === undefined ? 400 : 200, { "content-type": "text/plain" }).end(log);
    }
    const isApi = searchParams.get("labelSelector") === "app.kubernetes.io/instance=api";
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ apiVersion: "v1", kind: "PodList", items: isApi ? pods : [] }));
  });
});
afterEach(() => cluster.close());

function describePods(services: string[]): Promise<string[]> {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  const text = stackText("localhost/shop");
  for (const [file, content] of Object.entries(projectFiles({ dev: text }))) writeFileSync(join(root, file), content);
  return describeFailedPods(readEnvironment(root, "dev", text), services, async () => {
    const access = new KubeConfig();
    access.loadFromClusterAndUser(
      { name: "here", server: `http://${cluster.address}`, skipTLSVerify: true },
      { name: "me" },
    );
    return access;
  });
}

it("of a service, the newest pod that fails is named with its reason and the last lines of its log", async () => {
  pods = [
    pod("api-old", "2026-01-01T00:00:00Z", crashing),
    pod("api-new", "2026-01-02T00:00:00Z", crashing, exited),
    pod("api-fine", "2026-01-03T00:00:00Z", { running: { startedAt: new Date().toISOString() } }),
  ];
  logs = { "api-new true": "starting\nno database\n", "api-new false": "starting\n" };
  expect(await describePods(["api"])).toEqual([
    expect.stringMatching(/^api: pod api-new: CrashLoopBackOff \(Error 1\)\./),
    "Last lines of its log:",
    "  | starting",
    "  | no database",
  ]);
});

it("of a pod that has never run there is no log", async () => {
  pods = [pod("api-new", "2026-01-02T00:00:00Z", { waiting: { reason: "ImagePullBackOff", message: "not found" } })];
  expect(await describePods(["api"])).toEqual(["api: pod api-new: ImagePullBackOff. not found"]);
});

it("of services without failed pods, and of others, nothing is said", async () => {
  pods = [pod("api-new", "2026-01-02T00:00:00Z", crashing)];
  expect(await describePods(["web"])).toEqual([]);
});
