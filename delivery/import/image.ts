import { findDigest, RegistryError } from "../../components/images/registry.ts";
import { releaseTag } from "../../config/schema/formats.ts";
import { reasonOf } from "../failure.ts";
import type { Context, ImportSettings } from "./context.ts";
import type { Fields } from "./fields.ts";

/** A reference with its registry, as containerd completes it: https://github.com/distribution/reference/blob/main/normalize.go */
export function completeReference(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (hasRegistry) return image;
  return rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`;
}

/** The repository, tag and digest that a reference names. */
export function partsOf(image: string): { repository: string; tag: string | undefined; digest: string | undefined } {
  const [name = "", digest] = completeReference(image).split("@");
  const [, repository = name, tag] = /^(.*?)(?::([^:/]+))?$/.exec(name) ?? [];
  return { repository, tag, digest };
}

/** Asks the registries for the digests of images that are named by a tag. What is not known says why. */
export async function digestsOf(images: readonly string[]): Promise<ImportSettings["digests"]> {
  const asked = [...new Set(images)].map(async (image) => [image, await digestOf(image)] as const);
  return new Map(await Promise.all(asked));
}

async function digestOf(image: string): Promise<{ digest: string } | { reason: string }> {
  const { repository, tag = "latest", digest } = partsOf(image);
  if (digest !== undefined) return { digest };
  try {
    const found = await findDigest({ repository }, tag);
    return found === undefined ? { reason: "the registry does not have it" } : { digest: found };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { reason: reasonOf(error) };
  }
}

/** The image by digest, or undefined if the digest is not known. */
export function pinned(image: string, { digests }: ImportSettings): string | undefined {
  const { repository, tag, digest } = partsOf(image);
  const known = digest === undefined ? digests.get(image) : { digest };
  if (known === undefined || !("digest" in known)) return undefined;
  return `${repository}${tag === undefined ? "" : `:${tag}`}@${known.digest}`;
}

/** The image of the service's own container, or what it is built from. */
export function putImage(container: Fields, context: Context): void {
  const { draft, findings, settings } = context;
  const image = container.text("image") ?? "";
  const place = container.place("image");
  const folder = settings.builds[draft.name];
  const reference = folder === undefined ? pinned(image, settings) : undefined;
  if (reference !== undefined) {
    draft.put(["image"], reference, place);
    return;
  }
  draft.put(["build"], { context: folder ?? draft.name }, place);
  const { tag } = partsOf(image);
  if (tag !== undefined && tag !== "latest" && releaseTag.safeParse(tag).success) draft.put(["tag"], tag, place);
  if (folder !== undefined) return;
  const known = settings.digests.get(image);
  const why = known && "reason" in known ? known.reason : "no registry was asked";
  findings.check(
    place,
    `its digest is not known (${why}), so the service has build: { context: ${draft.name} }. Set image to <image>:<tag>@sha256:<digest> ` +
      `instead, or import again with --build ${draft.name}=<folder of its Dockerfile>`,
    image,
  );
}
