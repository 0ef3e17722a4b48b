import { resolve } from "node:path";
import { Readable } from "node:stream";
import { create } from "tar";
import { contextFiles, dockerfileInContext, OUTSIDE_DOCKERFILE } from "./context.ts";

/** A build context as the daemon takes it. */
export interface ContextArchive {
  stream: Readable;
  /** Path of the Dockerfile inside the archive. */
  dockerfile: string;
}

/**
 * Packs the build context without owners and times: they differ between working copies, and the daemon's layer cache would
 * miss.
 */
export function archiveContext(context: string, dockerfile: string): ContextArchive {
  const inside = dockerfileInContext(context, dockerfile);
  const outside = resolve(dockerfile);
  // The daemon needs the Dockerfile even if the ignore file excludes it or it is outside the context.
  const paths = new Set([...contextFiles(context, dockerfile).map(({ path }) => path), inside ?? outside]);
  const archive = create(
    {
      cwd: resolve(context),
      portable: true,
      noMtime: true,
      preservePaths: true,
      onWriteEntry: (entry) => {
        if (inside === undefined && entry.absolute === outside) entry.path = OUTSIDE_DOCKERFILE;
      },
    },
    // A leading "@" would mean "the entries of that archive" to tar.
    [...paths].map((path) => (path.startsWith("/") ? path : `./${path}`)),
  );
  return { stream: Readable.from(archive), dockerfile: inside ?? OUTSIDE_DOCKERFILE };
}
