import type { Service } from "../../config/index.ts";

/** What is known of a service's image before anything changes. */
export interface ImageFacts {
  service: Service;
  /** Digest of the tag in the registry. Undefined if the registry does not have the tag. */
  digest: string | undefined;
  /** Path of the Dockerfile, relative to the project. */
  dockerfile: string;
  /** Hash of everything that goes into the build. Undefined if there is no Dockerfile. */
  inputs: string | undefined;
  /** What the last update of this stack built for the service. */
  lastBuild: Build | undefined;
}

/** A build of this stack, as recorded in its outputs. */
export interface Build {
  tag: string;
  /** Hash of everything that went into it: files, arguments, platform. */
  inputs: string;
  /** Digest in the registry, `sha256:…`. */
  digest: string;
}

/**
 * - `pushed`: the registry has the tag. Its digest is used, whatever is in the working tree.
 * - `built`: the same, and this stack's state has the Image that built it from the same inputs. The Image stays declared
 *   unchanged, so that the update after a build changes nothing.
 * - `build`: the registry does not have the tag.
 */
export type ImagePlan =
  | { action: "pushed"; digest: string }
  | { action: "built"; digest: string; inputs: string }
  | { action: "build"; inputs: string };

/** A tag is built once: what the registry has is never built again or overwritten. If in doubt, somebody else pushed it. */
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
  const where = `services.${service.name}: the registry does not have ${tag}`;
  if (builds === "never") {
    return {
      fault: `${where}, and images.build is never. Deploy a release that was pushed, or build it in an environment that builds.`,
    };
  }
  if (inputs === undefined) {
    return {
      fault: `${where}, and there is no ${facts.dockerfile} to build it from. Fix build.context or build.dockerfile.`,
    };
  }
  return { action: "build", inputs };
}
