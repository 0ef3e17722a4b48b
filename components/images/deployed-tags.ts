import * as pulumi from "@pulumi/pulumi";
import { type DeployedSlot, deployedTag, type Environment } from "../../config/index.ts";
import { fetchManifest, findDigest, type ImageRepository, type Manifest, putTag } from "./registry.ts";

/** What is known of a Helm release once it is rolled out. */
export interface RolledOut {
  status: pulumi.Output<{ status: string } | undefined>;
  /** `image`: `repository@sha256:…`. */
  values: pulumi.Output<Record<string, unknown> | undefined>;
}

/**
 * Tells a registry that deletes images by itself which ones the environment runs. Starts to ask it what they are.
 *
 * @returns undefined where there is nothing to be told: in a preview, or where the registry deletes nothing.
 */
export function deployedTags(environment: Environment, repository: ImageRepository): DeployedTags | undefined {
  if (!repository.marksDeployed || pulumi.runtime.isDryRun()) return undefined;
  return new DeployedTags(environment, repository);
}

/**
 * The tags that keep what an environment runs from the registry's clean-up, which counts pushes: see
 * aws/lifecycle-policy.ts. The update sets them around each rollout:
 *
 * 1. Before a release is changed its new image is tagged `next`. `current` stays on what serves, should the rollout fail.
 * 2. When it is rolled out, `previous` moves to where `current` is, and then `current` to the new image.
 *
 * An update that is cut off between the two leaves `next` on what serves. The next update finds that `current` is not on
 * what it rolls out and makes up for it, be there nothing else to do.
 *
 * The tags of a service that left the environment, or of an environment that is no more, stay where they are. That is
 * safe: they keep three images.
 *
 * Nothing here fails a deploy. What goes wrong is said once in an update.
 */
export class DeployedTags {
  /** What `current` pointed to when the update began, by service. */
  private readonly found: Map<string, Promise<string | undefined>>;
  private readonly manifests = new Map<string, Promise<Manifest>>();
  private warned = false;

  constructor(
    private readonly environment: Environment,
    private readonly repository: ImageRepository,
  ) {
    this.found = new Map(environment.services.map(({ name }) => [name, this.find(name)]));
    // Told when it matters: an update that is refused for its images needs no warning.
    for (const digest of this.found.values()) digest.catch(() => {});
  }

  /**
   * An image that is about to be rolled out, once it bears `next`. The release is to be given this one.
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
   * Moves `previous` and `current` when the release is rolled out.
   *
   * @returns the digest that serves, once that is done. An update that does not wait for it may end before.
   */
  afterRollout(service: string, release: RolledOut): pulumi.Output<string | undefined> {
    return pulumi.all([release.status, release.values]).apply(async ([status, values]) => {
      // By what the release has become, not by what it was to be: an update of other targets leaves it as it was, and one
      // that goes on after errors comes here after a failed rollout as well.
      const image = values?.image;
      if (status?.status !== "deployed" || typeof image !== "string") return undefined;
      const digest = digestIn(image);
      await this.tryFor(service, async () => {
        const current = await this.found.get(service);
        if (current === digest) return;
        // In this order: whatever fails, what serves and what served have a tag, `next` being on the new one.
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
        `What ${this.environment.name} runs could not be marked in the registry, at least for the service ${service}: ` +
          `${reason.replace(/\.$/, "")}. The deploy goes on. At risk: once enough newer images of a service are pushed, the ` +
          "registry may delete the one that runs, and no new node could pull it. The next update tries again.",
      );
    }
  }
}

function digestIn(image: string): string {
  const [, digest] = image.split("@");
  if (digest === undefined) throw new Error(`${image} names no digest`);
  return digest;
}
