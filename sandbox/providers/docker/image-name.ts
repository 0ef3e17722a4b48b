/** The parts of `registry/repository:tag`. */
export interface ImageName {
  /** `host` or `host:port`. */
  registry: string;
  /** Registry and path, without the tag. */
  repository: string;
}

const IMAGE_NAME = /^(?<repository>(?<registry>[^/]+)\/[^:@\s]+)(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** Parses a fully qualified image name. @throws when it has no registry or is malformed */
export function parseImageName(name: string): ImageName {
  const { registry, repository } = IMAGE_NAME.exec(name)?.groups ?? {};
  const qualified = registry !== undefined && (/[.:]/.test(registry) || registry === "localhost");
  if (!qualified || !repository || repository !== repository.toLowerCase()) {
    throw new Error(
      `image name "${name}" is not fully qualified: it must start with the registry, as registry.example.com/team/app:tag ` +
        "(on Docker Hub: docker.io/team/app:tag)",
    );
  }
  return { registry, repository };
}
