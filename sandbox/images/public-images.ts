import { registryHost } from "../paths.ts";
import { tools } from "../tools.ts";
import { argoCdRecipe, redisRecipe } from "./argo-cd.ts";
import { docker } from "./docker.ts";
import { binaryImage, type ImageRecipe, prometheusRecipe } from "./recipes.ts";

/** One of the sandbox's images under another name. */
function sameAs(repository: string, tag: string, own: string): ImageRecipe {
  return { repository, tag, dockerfile: `ARG REGISTRY\nFROM $REGISTRY/${own}\n` };
}

/** Images of the add-ons, under the names that their charts in charts/ use by default. */
export const publicRecipes: readonly ImageRecipe[] = [
  sameAs("docker.io/library/traefik", `v${tools.traefik.version}`, `traefik:v${tools.traefik.version}`),
  sameAs(
    "registry.k8s.io/metrics-server/metrics-server",
    `v${tools["metrics-server"].version}`,
    `metrics-server:v${tools["metrics-server"].version}`,
  ),
  // Its chart starts the program by this path.
  binaryImage("registry.k8s.io/descheduler/descheduler", `v${tools.descheduler.version}`, "descheduler", "/bin"),
];

/** Images of the add-ons that only some stacks have. */
export const strategyRecipes: readonly ImageRecipe[] = [
  binaryImage("quay.io/argoproj/argo-rollouts", `v${tools["argo-rollouts"].version}`, "argo-rollouts", "/bin"),
  prometheusRecipe,
];

/** Images of Argo CD and its cache. */
export const gitopsRecipes: readonly ImageRecipe[] = [argoCdRecipe, redisRecipe];

/** Public base images that Dockerfiles use by default, and the sandbox's images that replace them. */
const bases: Readonly<Record<string, string>> = {
  "golang:1.26-bookworm": "base/golang:1.26",
  "gcr.io/distroless/static-debian12:nonroot": "base/static:1",
  "node:24-bookworm-slim": "base/node:24",
  "python:3.11-slim-bookworm": "base/python:3.11",
};

/** Gives the Docker daemon the public base images. A build uses the daemon's own image before it asks a registry. */
export async function ensureBaseImages(): Promise<void> {
  const present = new Set((await docker().listImages()).flatMap(({ RepoTags }) => RepoTags ?? []));
  for (const [name, own] of Object.entries(bases)) {
    if (present.has(name)) continue;
    const source = `${registryHost}/${own}`;
    if (!present.has(source)) await pull(source);
    const at = name.lastIndexOf(":");
    await docker()
      .getImage(source)
      .tag({ repo: name.slice(0, at), tag: name.slice(at + 1) });
  }
}

async function pull(name: string): Promise<void> {
  const stream = await docker().pull(name);
  await new Promise<void>((resolve, reject) => {
    docker().modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}
