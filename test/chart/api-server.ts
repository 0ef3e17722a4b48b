import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stringify } from "yaml";
import { program } from "../programs.ts";

const READY_SECONDS = 60;

/** A Kubernetes API without nodes and without controllers: it validates and admits objects, and runs none. */
export interface ApiServer {
  /** Path of a kubeconfig that administers it. */
  kubeconfig: string;
  stop(): Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on free ports of the loopback interface. Needs no root and no cluster, so the chart tests
 * run on any machine that has the tools.
 *
 * @throws Error with the last lines of both logs, when the API is not ready within 60 s.
 */
export async function startApiServer(): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-api-"));
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const etcd = start("etcd", [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    // The data is thrown away with the folder.
    "--unsafe-no-fsync",
    "--log-level=error",
  ]);
  const token = randomUUID();
  writeFileSync(join(folder, "tokens.csv"), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  const serviceAccountKey = join(folder, "service-account.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(serviceAccountKey, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  const api = start("kube-apiserver", [
    `--etcd-servers=http://127.0.0.1:${client}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    // Where it writes the certificate that it makes for itself.
    `--cert-dir=${folder}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--service-account-key-file=${serviceAccountKey}`,
    "--service-cluster-ip-range=10.0.0.0/24",
    // Without a real address to advertise there is nothing for the `kubernetes` Service to point to.
    "--endpoint-reconciler-type=none",
  ]);
  const kubeconfig = writeKubeconfig(folder, `https://127.0.0.1:${port}`, token);
  const stop = async () => {
    await api.stop();
    await etcd.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(kubeconfig);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\netcd:\n${etcd.log()}\nkube-apiserver:\n${api.log()}`);
  }
  return { kubeconfig, stop };
}

function start(name: "etcd" | "kube-apiserver", args: string[]) {
  const lines: string[] = [];
  const running = execa(program(name), args, { reject: false, all: true, buffer: false, cleanup: true });
  running.all.on("data", (data: Buffer) => {
    lines.push(...data.toString().trim().split("\n"));
    lines.splice(0, lines.length - 10);
  });
  return {
    log: () => lines.join("\n"),
    stop: async () => {
      running.kill("SIGTERM");
      await running;
    },
  };
}

function writeKubeconfig(folder: string, server: string, token: string): string {
  const file = join(folder, "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority": join(folder, "apiserver.crt") } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

async function waitUntilReady(kubeconfig: string): Promise<void> {
  const args = [`--kubeconfig=${kubeconfig}`, "get", "--raw", "/readyz"];
  const deadline = Date.now() + READY_SECONDS * 1000;
  let answer = "";
  while (Date.now() < deadline) {
    const { exitCode, all } = await execa(program("kubectl"), args, { reject: false, all: true });
    if (exitCode === 0) return;
    answer = all;
    await sleep(500);
  }
  throw new Error(`Timed out after ${READY_SECONDS} s waiting for the Kubernetes API: ${answer}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
