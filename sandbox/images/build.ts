import { copyFileSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { create } from "tar";
import { paths, registryHost } from "../paths.ts";
import { docker } from "./docker.ts";
import { type ImageRecipe, type ImageSource, recipes } from "./recipes.ts";
import { registryHolds } from "./registry.ts";

/** Progress events of the Docker daemon's build and push streams. */
interface DockerEvent {
  stream?: string;
  status?: string;
  error?: string;
}

export const imageName = ({ repository, tag }: ImageRecipe): string => `${registryHost}/${repository}:${tag}`;

function place(source: ImageSource, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  if ("content" in source) {
    writeFileSync(target, source.content);
    return;
  }
  try {
    linkSync(realpathSync(source.file), target);
  } catch {
    // It is on another file system.
    copyFileSync(source.file, target);
  }
}

/**
 * Reads a stream of the daemon to its end.
 * @throws Error with the daemon's message, which comes as an event among the others.
 */
async function follow(stream: NodeJS.ReadableStream, what: string, progress: (line: string) => void): Promise<void> {
  const output: string[] = [];
  let failure: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker().modem.followProgress(
      stream,
      (error: Error | null) => (error ? reject(error) : resolve()),
      (event: DockerEvent) => {
        failure ??= event.error;
        const line = (event.stream ?? event.status ?? "").trim();
        if (line === "") return;
        output.push(line);
        progress(line);
      },
    );
  });
  if (failure !== undefined) throw new Error(`${what} failed: ${failure}\n${output.slice(-10).join("\n")}`);
}

async function build(recipe: ImageRecipe, progress: (line: string) => void): Promise<void> {
  const context = mkdtempSync(join(paths.state, "image-"));
  try {
    writeFileSync(join(context, "Dockerfile"), recipe.dockerfile);
    const files = await recipe.files?.(progress);
    for (const [name, source] of Object.entries(files ?? {})) place(source, join(context, name));
    const entries = ["Dockerfile", ...Object.keys(files ?? {})];
    const archive = create({ cwd: context, portable: true }, entries);
    // The archive is a stream, but its type does not say so.
    const stream = await docker().buildImage(archive as unknown as NodeJS.ReadableStream, {
      t: imageName(recipe),
      networkmode: "none",
      buildargs: { REGISTRY: registryHost },
    });
    await follow(stream, `Building ${imageName(recipe)}`, progress);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

async function push(recipe: ImageRecipe, progress: (line: string) => void): Promise<void> {
  const stream = await docker().getImage(imageName(recipe)).push({ authconfig: {} });
  await follow(stream, `Pushing ${imageName(recipe)}`, progress);
}

/** Recipes whose image is missing in the registry, in the order in which they must be built. */
export async function missingImages(among: readonly ImageRecipe[] = recipes): Promise<ImageRecipe[]> {
  const held = await Promise.all(among.map(({ repository, tag }) => registryHolds(repository, tag)));
  return among.filter((_, index) => !held[index]);
}

/** Builds and pushes the image unless the registry has it. The registry and the Docker daemon must be running. */
export async function ensureImage(
  recipe: ImageRecipe,
  progress: (line: string) => void = () => {},
): Promise<"present" | "made"> {
  if (await registryHolds(recipe.repository, recipe.tag)) return "present";
  await build(recipe, progress);
  await push(recipe, progress);
  return "made";
}
