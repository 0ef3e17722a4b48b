import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Service } from "../stacks/index.ts";
import { ConfigError } from "../stacks/validate.ts";
import { buildInputs, dockerfileOf, imageArgs, imageTag } from "./image-build.ts";
import { type Build, type ImagePlan, planImage } from "./image-plan.ts";
import { findDigest, RegistryError } from "./registry.ts";

/** Which services' images are there and which are to be built. */
export type ImagePlans = Map<string, ImagePlan>;

/**
 * Asks the registry for every service's image, before anything is changed.
 *
 * @throws pulumi.RunError that names every image that can neither be found nor built, or an unreachable registry.
 */
export async function planImages(environment: Environment, root: string): Promise<ImagePlans> {
  const { images, services } = environment;
  const lastBuilds = await readLastBuilds();
  const faults: string[] = [];
  const plans: ImagePlans = new Map();
  const plan = async (service: Service) => {
    const tag = imageTag(service);
    const facts = {
      service,
      digest: await findDigest(images.repository, tag),
      dockerfile: dockerfileOf(service),
      inputs: buildInputs(service, images, root),
      lastBuild: lastBuilds[service.name],
    };
    const planned = planImage(facts, tag, images.build ?? "if-missing");
    if ("fault" in planned) faults.push(planned.fault);
    else plans.set(service.name, planned);
  };
  await Promise.all(
    services.map((service) =>
      plan(service).catch((error: unknown) => {
        if (!(error instanceof RegistryError)) throw error;
        if (!faults.includes(error.message)) faults.push(error.message);
      }),
    ),
  );
  if (faults.length > 0) {
    throw new pulumi.RunError(
      new ConfigError(faults.sort(), "The images are not in order; nothing was changed.").message,
    );
  }
  return plans;
}

/** The `builds` output of this stack's last update. Empty on the first. */
async function readLastBuilds(): Promise<Record<string, Build>> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { value } = await new pulumi.StackReference("last-update", { name: self }).getOutputDetails("builds");
  return (value ?? {}) as Record<string, Build>;
}

/** The images of all services, each as `repository@sha256:…`. */
export class Images extends pulumi.ComponentResource {
  /** What this state holds the build of, by service. Read by the next update: see {@link planImages}. */
  readonly builds: Record<string, pulumi.Output<Build>> = {};
  private readonly references = new Map<string, pulumi.Output<string>>();

  constructor(
    name: string,
    args: { environment: Environment; plans: ImagePlans },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:index:Images", name, {}, opts);
    const { images, services } = args.environment;
    for (const service of services) {
      const plan = args.plans.get(service.name);
      if (plan === undefined) throw new Error(`${service.name} has no image plan`);
      const image = "inputs" in plan ? this.declare(service, images) : undefined;
      const reference =
        "digest" in plan ? pulumi.output(`${images.repository}@${plan.digest}`) : (image as docker.Image).repoDigest;
      this.references.set(service.name, reference);
      if ("inputs" in plan) this.builds[service.name] = buildRecord(imageTag(service), plan.inputs, reference);
    }
    this.registerOutputs({ builds: this.builds });
  }

  /** `repository@sha256:…` of a service's image. */
  of(service: Service): pulumi.Output<string> {
    const reference = this.references.get(service.name);
    if (reference === undefined)
      throw new Error(`${service.name} has no image: it is not a service of this environment`);
    return reference;
  }

  private declare(service: Service, images: Environment["images"]): docker.Image {
    return new docker.Image(
      service.name,
      imageArgs(service, images),
      // Leaving the state must never take the pushed bytes away: they are what a rollback deploys.
      { parent: this, retainOnDelete: true },
    );
  }
}

function buildRecord(tag: string, inputs: string, reference: pulumi.Output<string>): pulumi.Output<Build> {
  return reference.apply((pushed) => ({ tag, inputs, digest: pushed.split("@")[1] ?? "" }));
}
