import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const command = join(import.meta.dirname, "../../aws/bin/aws");
const ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";

/** What the emulated AWS holds: clusters, their access entries, and each one's policies. */
let clusters: Record<string, Record<string, { policyArn: string; accessScope: { type: string } }[]>>;

const server = createServer(async (request, response) => {
  const answer = respond(request);
  response.writeHead(answer === undefined ? 404 : 200);
  response.end(typeof answer === "string" ? answer : JSON.stringify(answer ?? {}));
});

function respond({ url = "", headers }: IncomingMessage): unknown {
  if (url === "/") {
    const session = /Credential=ASIA([^/]*)/.exec(headers.authorization ?? "")?.[1];
    return `<Arn>arn:aws:sts::123456789012:assumed-role/${session?.toLowerCase()}/sandbox</Arn>`;
  }
  const [, , cluster = "", , entry] = url.split("/").map(decodeURIComponent);
  const entries = clusters[cluster];
  if (entry === undefined) return entries && { accessEntries: Object.keys(entries) };
  return { associatedAccessPolicies: entries?.[entry] };
}

const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
const identity = join(folder, "admin");

beforeAll(async () => {
  for (const end of ["crt", "key"]) writeFileSync(`${identity}.${end}`, `the admin's ${end}`);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  clusters = {
    shop: { "arn:aws:iam::123456789012:role/teams/admin": [{ policyArn: ADMIN, accessScope: { type: "cluster" } }] },
  };
});

const getToken = ["eks", "get-token", "--cluster-name", "shop", "--region", "ap-northeast-2", "--output", "json"];

async function aws(args: string[], env: Record<string, string> = { AWS_ACCESS_KEY_ID: "ASIAADMIN" }) {
  const { exitCode, stdout, stderr } = await execa(command, args, {
    reject: false,
    extendEnv: false,
    env: {
      PATH: process.env.PATH ?? "",
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      SANDBOX_CLUSTER_IDENTITY: identity,
      ...env,
    },
  });
  return { exitCode, stderr, credential: exitCode === 0 ? JSON.parse(stdout) : undefined };
}

describe("aws eks get-token", () => {
  it("gives the administrator's certificate to a role that administers the cluster, wherever its path", async () => {
    const { credential } = await aws(getToken);
    expect(credential).toEqual({
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1beta1",
      spec: {},
      status: {
        expirationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        clientCertificateData: "the admin's crt",
        clientKeyData: "the admin's key",
      },
    });
    const valid = Date.parse(credential.status.expirationTimestamp) - Date.now();
    expect(valid).toBeGreaterThan(13 * 60_000);
    expect(valid).toBeLessThan(15 * 60_000);
  });

  it("speaks the version that the client asks for", async () => {
    const info = JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential" });
    const { credential } = await aws(getToken, { AWS_ACCESS_KEY_ID: "ASIAADMIN", KUBERNETES_EXEC_INFO: info });
    expect(credential.apiVersion).toBe("client.authentication.k8s.io/v1");
  });

  it.each([
    ["a cluster that is not there", () => delete clusters.shop],
    ["a role without an access entry", () => (clusters.shop = {})],
    ["a role that may only look", () => grant(VIEW, "cluster")],
    ["a role that administers a namespace", () => grant(ADMIN, "namespace")],
  ])("gives %s a token that the API server refuses, and no certificate, as the real one does", async (_, change) => {
    change();
    const { exitCode, credential } = await aws(getToken);
    expect(exitCode).toBe(0);
    expect(credential.status).toEqual({
      expirationTimestamp: expect.any(String),
      token: expect.stringMatching(/^k8s-aws-v1\./),
    });
  });

  function grant(policyArn: string, type: string): void {
    clusters.shop = { "arn:aws:iam::123456789012:role/teams/admin": [{ policyArn, accessScope: { type } }] };
  }
});

describe("bad calls", () => {
  it.each([
    ["another command", ["s3", "ls"], {}, 252, /aws s3 ls: .*"aws eks get-token"/],
    ["no cluster", ["eks", "get-token", "--region", "x"], {}, 252, /--cluster-name is required/],
    ["an unknown option", [...getToken, "--role", "x"], {}, 252, /--role/],
    ["no region", ["eks", "get-token", "--cluster-name", "x"], {}, 253, /You must specify a region/],
    ["no credentials", getToken, {}, 253, /Unable to locate credentials/],
    [
      "AWS out of reach",
      getToken,
      { AWS_ACCESS_KEY_ID: "A", AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
      255,
      /Could not connect/,
    ],
  ])("%s ends as the real one does", async (_, args, env, code, message) => {
    const { exitCode, stderr } = await aws(args, env as Record<string, string>);
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
