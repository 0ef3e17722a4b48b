import * as pulumi from "@pulumi/pulumi";
import { type DeployedSlot, deployedTag, type Environment } from "../../config/index.ts";
import { isBuilt } from "./build.ts";
import { fetchManifest, findDigest, type ImageRepository, type Manifest, putTag } from "./registry.ts";

/** Outputs of a Helm release, known once it is rolled out. */
export interface RolledOut {
  status: pulumi.Output<{ status: string } | undefined>;
  /** `image`: `repository@sha256:…`. */
  values: pulumi.Output<Record<string, unknown> | undefined>;
}

/**
 * Tags the images that an environment runs, in a registry that deletes old images. It starts to read the current tags.
 *
 * @returns undefined in a preview, or if the registry deletes nothing.
 */
export function deployedTags(environment: Environment, repository: ImageRepository): DeployedTags | undefined {
  if (!repository.marksDeployed || pulumi.runtime.isDryRun()) return undefined;
  return new DeployedTags(environment, repository);
}

/**
 * Tags that keep an environment's images from the registry's clean-up, which counts pushes: see
 * aws/registry/lifecycle-policy.ts. An update sets them around each rollout:
 *
 * 1. Before a release changes, its new image is tagged `next`. `current` stays on the running image, in case the rollout fails.
 * 2. After the rollout, `previous` moves to the image of `current`, and then `current` to the new image.
 *
 * If an update is interrupted between the two, `next` is on the running image. The next update sees that `current` is on
 * another image and moves it, even if it has nothing else to do.
 *
 * The tags of a removed service or environment stay where they are. That is safe: they keep three images.
 *
 * A failure here never fails a deploy. It is reported once in an update.
 */
export class DeployedTags {
  /** Digest of `current` when the update began, by service. */
  private readonly found: Map<string, Promise<string | undefined>>;
  private readonly manifests = new Map<string, Promise<Manifest>>();
  private warned = false;

  private readonly environment: Environment;
  private readonly repository: ImageRepository;

  constructor(environment: Environment, repository: ImageRepository) {
    this.environment = environment;
    this.repository = repository;
    this.found = new Map(environment.services.filter(isBuilt).map(({ name }) => [name, this.find(name)]));
    // Reported when the tag is needed: an update that fails for its images needs no warning about tags.
    for (const digest of this.found.values()) digest.catch(() => {});
  }

  /**
   * The image that is about to be rolled out, once it is tagged `next`. The release must use this output.
   *
   * @param image `repository@sha256:…`
   */
  beforeRollout(service: string, image: pulumi.Output<string>): pulumi.Output<string> {
    return image.apply(async (reference) => {
      await this.tryFor(service, async () => {
        const digest = digestIn(reference);
        if ((await this.found.get(service)) !== digest) await this.put(service, "next", digest);
      });
      return reference;
    });
  }

  /**
   * Moves `previous` and `current` after the rollout.
   *
   * @returns the running digest, once the tags are set. An update that does not wait for it may end before.
   */
  afterRollout(service: string, release: RolledOut): pulumi.Output<string | undefined> {
    return pulumi.all([release.status, release.values]).apply(async ([status, values]) => {
      // What the release is now, not what it should be: an update of other targets does not change it, and an update that
      // continues on errors gets here after a failed rollout too.
      const image = values?.image;
      if (status?.status !== "deployed" || typeof image !== "string") return undefined;
      const digest = digestIn(image);
      await this.tryFor(service, async () => {
        const current = await this.found.get(service);
        if (current === digest) return;
        // In this order the running image and the one before keep a tag whichever step fails: `next` is on the new one.
        if (current !== undefined) await this.put(service, "previous", current);
        await this.put(service, "current", digest);
      });
      return digest;
    });
  }

  private async find(service: string): Promise<string | undefined> {
    return findDigest(this.repository, deployedTag(this.environment.name, service, "current"));
  }

  private async put(service: string, slot: DeployedSlot, digest: string): Promise<void> {
    const tag = deployedTag(this.environment.name, service, slot);
    const manifest = this.manifests.get(digest) ?? fetchManifest(this.repository, digest);
    this.manifests.set(digest, manifest);
    await putTag(this.repository, tag, await manifest);
  }

  private async tryFor(service: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (this.warned) return;
      this.warned = true;
      const reason = error instanceof Error ? error.message : String(error);
      await pulumi.log.warn(
        `The images that ${this.environment.name} runs could not be tagged in the registry, at least for the service ` +
          `${service}: ${reason.replace(/\.$/, "")}. The deploy continues. The risk: after enough newer images of a service, ` +
          "the registry may delete the running one, and a new node could not pull it. The next update tries again.",
      );
    }
  }
}

function digestIn(image: string): string {
  const [, digest] = image.split("@");
  if (digest === undefined) throw new Error(`${image} names no digest`);
  return digest;
}
