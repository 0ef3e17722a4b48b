import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ConfigError, type Environment, imageTag, type Service } from "../../config/index.ts";
import { lastOutput } from "../last-update.ts";
import { type BuiltService, buildInputs, dockerfileOf, imageArgs, isBuilt } from "./build.ts";
import { type DeployedTags, deployedTags } from "./deployed-tags.ts";
import { type Build, type ImagePlan, planImage } from "./plan.ts";
import { findDigest, type ImageRepository, RegistryError } from "./registry.ts";

/** What the registry has, asked before anything changes. */
export interface ImagePlans {
  /** Whether a service's image is in the registry or must be built, by service. None for the images of others. */
  byService: Map<string, ImagePlan>;
  deployedTags: DeployedTags | undefined;
}

/**
 * Asks the registry for every service's own image, before anything changes.
 *
 * @throws pulumi.RunError with every image that can neither be found nor built, or if the registry cannot be reached.
 */
export async function planImages(
  environment: Environment,
  repository: ImageRepository,
  root: string,
): Promise<ImagePlans> {
  const { images, services } = environment;
  // Its requests run while those below do.
  const tags = deployedTags(environment, repository);
  const lastBuilds = (await lastOutput<Record<string, Build>>("builds")) ?? {};
  const faults: string[] = [];
  const plans: ImagePlans["byService"] = new Map();
  const plan = async (service: BuiltService) => {
    const tag = imageTag(service);
    const facts = {
      service,
      digest: await findDigest(repository, tag),
      dockerfile: dockerfileOf(service),
      inputs: buildInputs(service, images, repository.repository, root),
      lastBuild: lastBuilds[service.name],
    };
    const planned = planImage(facts, tag, images.build);
    if ("fault" in planned) faults.push(planned.fault);
    else plans.set(service.name, planned);
  };
  await Promise.all(
    services.filter(isBuilt).map((service) =>
      plan(service).catch((error: unknown) => {
        if (!(error instanceof RegistryError)) throw error;
        if (!faults.includes(error.message)) faults.push(error.message);
      }),
    ),
  );
  if (faults.length > 0) {
    throw new pulumi.RunError(
      new ConfigError(faults.sort(), "Some images cannot be deployed. Nothing was changed.").message,
    );
  }
  return { byService: plans, deployedTags: tags };
}

export interface ImagesArgs {
  environment: Environment;
  repository: ImageRepository;
  plans: ImagePlans;
  /** Must exist before an image is pushed. @default - nothing */
  registry?: pulumi.Resource | undefined;
}

/** The images of all services, each as `…@sha256:…`. */
export class Images extends pulumi.ComponentResource {
  /** Builds that the state holds, by service. The next update reads them: see {@link planImages}. */
  readonly builds: Record<string, pulumi.Output<Build>> = {};
  /** Tags that keep deployed images from the registry's clean-up. Undefined if it has none. */
  readonly deployedTags: DeployedTags | undefined;
  private readonly references = new Map<string, pulumi.Output<string>>();

  constructor(name: string, args: ImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Images", name, {}, opts);
    const { services } = args.environment;
    const { repository } = args.repository;
    this.deployedTags = args.plans.deployedTags;
    for (const service of services) {
      if (!isBuilt(service)) {
        this.references.set(service.name, pulumi.output(service.image ?? ""));
        continue;
      }
      const plan = args.plans.byService.get(service.name);
      if (plan === undefined) throw new Error(`${service.name} has no image plan`);
      const image = "inputs" in plan ? this.declareImage(service, args) : undefined;
      const reference =
        "digest" in plan ? pulumi.output(`${repository}@${plan.digest}`) : (image as docker.Image).repoDigest;
      this.references.set(service.name, reference);
      if ("inputs" in plan) this.builds[service.name] = buildRecord(imageTag(service), plan.inputs, reference);
    }
    this.registerOutputs({ builds: this.builds });
  }

  /** `…@sha256:…` of a service's image. */
  of(service: Service): pulumi.Output<string> {
    const reference = this.references.get(service.name);
    if (reference === undefined)
      throw new Error(`${service.name} is not a service of this environment, so it has no image`);
    return reference;
  }

  private declareImage(service: BuiltService, { environment, repository, registry }: ImagesArgs): docker.Image {
    return new docker.Image(
      service.name,
      { ...imageArgs(service, environment.images, repository.repository), registry: loginOf(repository) },
      // A rollback deploys the pushed image, so removing this resource must not delete it.
      { parent: this, retainOnDelete: true, ...(registry && { dependsOn: registry }) },
    );
  }
}

/** A short-lived token differs in every update. The provider does not treat that as a change. */
function loginOf({ repository, credentials }: ImageRepository): docker.types.input.Registry | undefined {
  if (credentials === undefined) return undefined;
  const { username, password } = credentials;
  return { server: repository.split("/")[0] ?? "", username, password: pulumi.secret(password) };
}

function buildRecord(tag: string, inputs: string, reference: pulumi.Output<string>): pulumi.Output<Build> {
  return reference.apply((pushed) => ({ tag, inputs, digest: pushed.split("@")[1] ?? "" }));
}
