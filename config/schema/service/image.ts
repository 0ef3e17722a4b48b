import { z } from "zod";

/**
 * <registry>/<repository>[:<tag>]@sha256:<digest>. The registry is required: without it, each container runtime looks in places of
 * its own. Source: https://github.com/distribution/reference/blob/main/reference.go
 */
const HOST = /(localhost|[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+)(:[0-9]+)?|[a-zA-Z0-9-]+:[0-9]+/;
const REPOSITORY = /(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+/;
const TAG = /:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/;
const REFERENCE = new RegExp(`^(${HOST.source})${REPOSITORY.source}(${TAG.source})?@sha256:[0-9a-f]{64}$`);

/** An image that somebody else built. */
export const foreignImage = z.string().regex(REFERENCE, {
  error: ({ input }) =>
    "<registry>/<repository>:<tag>@sha256:<64 hex digits>, such as docker.io/library/redis:8.2@sha256:…. " +
    (/@sha256:/.test(String(input))
      ? "The registry comes first, and the digest has 64 digits of 0-9 and a-f"
      : `A tag alone can move to other bytes. The digest: docker buildx imagetools inspect ${String(input)}`),
});

/** Version that an image's reference names: its tag, else the start of its digest. */
export function versionOfImage(reference: string): string {
  const [name = "", digest = ""] = reference.split("@sha256:");
  return /:([^/:]+)$/.exec(name)?.[1] ?? digest.slice(0, 12);
}
