import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Daemon } from "./daemon.ts";
import { paths, ports } from "./paths.ts";
import { toolPath } from "./toolchain.ts";

/** The metrics-server chart as the module of the pinned metrics-server carries it. */
const METRICS_SERVER_CHART = "3.13.1";

const folder = join(paths.state, "charts");
const moduleFolder = join(import.meta.dirname, "toolchain/metrics-server");

/**
 * Serves Helm charts over HTTP, as the projects' own repositories do. Not from the registry: Helm wants TLS of an OCI
 * registry, and the Release resource has no switch for that.
 */
export function chartRepositoryDaemon(): Daemon {
  mkdirSync(folder, { recursive: true });
  return {
    name: "charts",
    command: "/usr/bin/python3",
    args: ["-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, String(ports.charts)],
    ready: async () => (await fetch(`http://127.0.0.1:${ports.charts}/index.yaml`)).ok,
  };
}

/** Puts the add-ons' charts into the repository, unchanged, unless they are there. */
export async function ensureCharts(): Promise<"present" | "made"> {
  const archive = join(folder, `metrics-server-${METRICS_SERVER_CHART}.tgz`);
  if (existsSync(archive) && existsSync(join(folder, "index.yaml"))) return "present";
  mkdirSync(folder, { recursive: true });
  const module = await execa("go", ["mod", "download", "-json", "sigs.k8s.io/metrics-server"], { cwd: moduleFolder });
  const { Dir } = JSON.parse(module.stdout) as { Dir: string };
  // helm keeps its registry's logins and caches under the home unless told otherwise.
  const env = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
  const helm = toolPath("helm");
  await execa(helm, ["package", join(Dir, "charts/metrics-server"), "--destination", folder], { env });
  await execa(helm, ["repo", "index", folder, "--url", `http://127.0.0.1:${ports.charts}`], { env });
  return "made";
}
