import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Service } from "../stacks/index.ts";
import { ConfigError } from "../stacks/validate.ts";
import { contentHash } from "./content-hash.ts";
import { type Build, type ImagePlan, planImage } from "./image-plan.ts";
import { findDigest, RegistryError } from "./registry.ts";

/** Which services' images are there and which are to be built. */
export type ImagePlans = Map<string, ImagePlan>;

/**
 * Asks the registry for every service's image, before any resource is touched.
 *
 * @throws pulumi.RunError that names every image that can neither be found nor built, or an unreachable registry.
 */
export async function planImages(environment: Environment, root: string): Promise<ImagePlans> {
  const { images, services } = environment;
  const lastBuilds = await readLastBuilds();
  const faults: string[] = [];
  const plans: ImagePlans = new Map();
  await Promise.all(
    services.map(async (service) => {
      const tag = imageTag(service);
      try {
        const digest = await findDigest(images.repository, tag);
        const dockerfile = dockerfileOf(service);
        const inputs = existsSync(join(root, dockerfile)) ? buildInputs(service, images, root) : undefined;
        const plan = planImage(
          { service, digest, dockerfile, inputs, lastBuild: lastBuilds[service.name] },
          tag,
          images.build ?? "if-missing",
        );
        if ("fault" in plan) faults.push(plan.fault);
        else plans.set(service.name, plan);
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        if (!faults.includes(error.message)) faults.push(error.message);
      }
    }),
  );
  if (faults.length > 0)
    throw new pulumi.RunError(
      new ConfigError(faults.sort(), "The images are not in order; nothing was changed.").message,
    );
  return plans;
}

/** One repository holds all services, so the service is part of the tag. */
function imageTag(service: Service): string {
  return `${service.name}-${service.release}`;
}

function dockerfileOf({ build }: Service): string {
  return join(build.context, build.dockerfile ?? "Dockerfile");
}

function imageArgs(service: Service, images: Environment["images"]): docker.ImageArgs {
  const { context, args, target } = service.build;
  return {
    imageName: `${images.repository}:${imageTag(service)}`,
    build: {
      context,
      dockerfile: dockerfileOf(service),
      args: { ...args, RELEASE: service.release },
      target,
      platform: images.platform ?? "linux/amd64",
    },
  };
}

function buildInputs(service: Service, images: Environment["images"], root: string): string {
  const files = contentHash(join(root, service.build.context));
  return createHash("sha256")
    .update(JSON.stringify([imageArgs(service, images), files]))
    .digest("hex");
}

/** The `builds` output of this stack's last update. Empty on the first. */
async function readLastBuilds(): Promise<Record<string, Build>> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { value } = await new pulumi.StackReference("last-update", { name: self }).getOutputDetails("builds");
  return (value ?? {}) as Record<string, Build>;
}

/** The images of all services, each as `repository@sha256:…`. */
export class Images extends pulumi.ComponentResource {
  /** What this state holds the build of. Read by the next update: see {@link planImages}. */
  readonly builds: Record<string, Build>;
  private readonly references: Map<string, pulumi.Input<string>>;

  constructor(
    name: string,
    args: { environment: Environment; plans: ImagePlans },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:index:Images", name, {}, opts);
    const { environment, plans } = args;
    this.references = new Map(
      environment.services.map((service) => [
        service.name,
        this.declare(service, environment.images, planOf(plans, service)),
      ]),
    );
    this.builds = Object.fromEntries(
      [...plans].flatMap(([service, plan]) => ("build" in plan ? [[service, plan.build]] : [])),
    );
    this.registerOutputs({ builds: this.builds });
  }

  /** `repository@sha256:…` of a service's image. */
  of(service: Service): pulumi.Input<string> {
    const reference = this.references.get(service.name);
    if (reference === undefined)
      throw new Error(`${service.name} has no image: it is not a service of this environment`);
    return reference;
  }

  private declare(service: Service, images: Environment["images"], plan: ImagePlan): pulumi.Input<string> {
    if (plan.action === "pushed") return `${images.repository}@${plan.digest}`;
    const image = new docker.Image(
      service.name,
      imageArgs(service, images),
      // Leaving the state must never take the pushed bytes away: they are what a rollback deploys.
      { parent: this, retainOnDelete: true },
    );
    return plan.action === "built" ? `${images.repository}@${plan.digest}` : image.repoDigest;
  }
}

function planOf(plans: ImagePlans, service: Service): ImagePlan {
  const plan = plans.get(service.name);
  if (plan === undefined) throw new Error(`${service.name} has no image plan`);
  return plan;
}
