import type { Service } from "../../config/index.ts";

/** What is known about one service's image before anything is changed. */
export interface ImageFacts {
  service: Service;
  /** What the registry holds under the tag. */
  digest: string | undefined;
  /** Path of the Dockerfile, relative to the project. */
  dockerfile: string;
  /** Hash of all that goes into the build, undefined where there is no Dockerfile. */
  inputs: string | undefined;
  /** What this stack's last update built for the service. */
  lastBuild: Build | undefined;
}

/** A build by this stack, as its outputs record it. */
export interface Build {
  tag: string;
  /** Hash of all that went into it: files, arguments, platform. */
  inputs: string;
  /** What the registry made of it, `sha256:…`. */
  digest: string;
}

/**
 * - `pushed`: the registry holds the tag; its digest is used, whatever the working tree says.
 * - `built`: the same, and this stack's state still holds the Image that built it from these very inputs.
 *   It stays declared, unchanged, so that the update after a build has nothing to do.
 * - `build`: the registry lacks the tag.
 */
export type ImagePlan =
  | { action: "pushed"; digest: string }
  | { action: "built"; digest: string; inputs: string }
  | { action: "build"; inputs: string };

/** A tag is built once: what the registry holds is neither rebuilt nor overwritten. In doubt it counts as pushed by others. */
export function planImage(
  facts: ImageFacts,
  tag: string,
  builds: "if-missing" | "never",
): ImagePlan | { fault: string } {
  const { service, digest, inputs, lastBuild } = facts;
  if (digest !== undefined) {
    const unchanged = lastBuild?.tag === tag && lastBuild.digest === digest && lastBuild.inputs === inputs;
    return unchanged && inputs !== undefined ? { action: "built", digest, inputs } : { action: "pushed", digest };
  }
  const where = `services.${service.name}: the registry lacks ${tag}`;
  if (builds === "never") {
    return {
      fault: `${where} and images.build is never. Deploy a release that was pushed, or build it in the environment that builds.`,
    };
  }
  if (inputs === undefined) {
    return {
      fault: `${where} and ${facts.dockerfile} does not exist to build it from. Mend build.context or build.dockerfile.`,
    };
  }
  return { action: "build", inputs };
}
