import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { paths, ports } from "./paths.ts";
import type { Daemon } from "./processes/daemon.ts";
import { toolPath } from "./toolchain.ts";
import { tools } from "./tools.ts";

/** A chart as the Go module of the pinned tool carries it. */
interface Chart {
  /** The tool's; names its folder in sandbox/toolchain/ too. */
  name: "metrics-server" | "descheduler";
  module: string;
  /** Version that it is served as. */
  version: string;
  /** Version of the image that it takes by default, without the "v". @default - what the chart says */
  appVersion?: string;
  /** Where the project itself publishes it. */
  publicRepository: string;
}

/** Served with the platform: the stack "local" names it here. */
export const metricsServerChart: Chart = {
  name: "metrics-server",
  module: "sigs.k8s.io/metrics-server",
  version: "3.13.1",
  publicRepository: "https://kubernetes-sigs.github.io/metrics-server/",
};

/** A release's module still has the version of the one before in its chart: the project raises it on publishing. */
export const deschedulerChart: Chart = {
  name: "descheduler",
  module: "sigs.k8s.io/descheduler",
  version: tools.descheduler.version,
  appVersion: tools.descheduler.version,
  publicRepository: "https://kubernetes-sigs.github.io/descheduler/",
};

const folder = join(paths.state, "charts");
const repositoryUrl = `http://127.0.0.1:${ports.charts}`;

/** Public chart repositories and what stands in for them here, as the stand-in of the kubernetes plugin reads it. */
export const chartMirrors = [metricsServerChart, deschedulerChart]
  .map(({ publicRepository }) => `${publicRepository}=${repositoryUrl}`)
  .join(" ");

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
    ready: async () => (await fetch(`${repositoryUrl}/index.yaml`)).ok,
  };
}

/** Puts a chart into the repository, its templates and values unchanged, unless it is there. */
export async function ensureChart(chart: Chart): Promise<"present" | "made"> {
  if (isServed(chart)) return "present";
  mkdirSync(folder, { recursive: true });
  const cwd = join(import.meta.dirname, "toolchain", chart.name);
  const module = await execa("go", ["mod", "download", "-json", chart.module], { cwd });
  const { Dir } = JSON.parse(module.stdout) as { Dir: string };
  // helm keeps its registry's logins and caches under the home unless told otherwise.
  const env = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
  const helm = toolPath("helm");
  const versions = ["--version", chart.version, ...(chart.appVersion ? ["--app-version", chart.appVersion] : [])];
  await execa(helm, ["package", join(Dir, "charts", chart.name), ...versions, "--destination", folder], { env });
  await execa(helm, ["repo", "index", folder, "--url", repositoryUrl], { env });
  return "made";
}

/** The archive comes before the index does: one that a killed run left is not yet served. */
function isServed({ name, version }: Chart): boolean {
  const archive = `${name}-${version}.tgz`;
  const index = join(folder, "index.yaml");
  return existsSync(join(folder, archive)) && existsSync(index) && readFileSync(index, "utf8").includes(archive);
}
