import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ImageArgs } from "@pulumi/docker";
import { type Environment, imageTag, type Service } from "../../config/index.ts";
import { contentHash } from "../content-hash.ts";

/** A service whose image is its own. */
export type BuiltService = Service & { build: NonNullable<Service["build"]> };

/** Whether a service's image is its own. If not, somebody else has built it, and nothing is asked, pushed or tagged. */
export function isBuilt(service: Service): service is BuiltService {
  return service.build !== undefined;
}

/** Path of the Dockerfile, relative to the project. */
export function dockerfileOf({ build }: BuiltService): string {
  return join(build.context, build.dockerfile);
}

/** Arguments of a service's `docker.Image`, without the login. */
export function imageArgs(service: BuiltService, images: Environment["images"], repository: string): ImageArgs {
  const { context, args, target } = service.build;
  return {
    imageName: `${repository}:${imageTag(service)}`,
    build: {
      context,
      dockerfile: dockerfileOf(service),
      args: { ...args, RELEASE: service.release },
      target,
      platform: images.platform,
    },
  };
}

/**
 * Hash of everything that goes into a build. It must change whenever the provider's own digest of the context changes.
 * Otherwise the provider would build an Image again that seems unchanged, and push it over its tag. That is why the hash includes
 * the files' modes, the Dockerfile and its ignore file wherever they are, and the provider's version.
 *
 * @returns undefined if there is no Dockerfile.
 */
export function buildInputs(
  service: BuiltService,
  images: Environment["images"],
  repository: string,
  root: string,
): string | undefined {
  const dockerfile = join(root, dockerfileOf(service));
  if (!existsSync(dockerfile)) return undefined;
  const hash = createHash("sha256").update(JSON.stringify([imageArgs(service, images, repository), providerVersion()]));
  for (const file of [dockerfile, `${dockerfile}.dockerignore`]) if (existsSync(file)) hash.update(readFileSync(file));
  return hash.update(contentHash(join(root, service.build.context), { modes: true })).digest("hex");
}

function providerVersion(): string {
  return createRequire(import.meta.url)("@pulumi/docker/package.json").version;
}
