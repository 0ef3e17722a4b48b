import { findDigest, type ImageRepository, RegistryError } from "../components/images/registry.ts";
import { isEks } from "../config/environment.ts";
import { imageTag } from "../config/naming.ts";
import type { StackEnvironment, StackService } from "./environment.ts";
import { Failure, reasonOf } from "./failure.ts";

/** A service's image in the registry. */
export interface ServiceImage {
  service: string;
  release: string;
  /** `<repository>:<service>-<release>` */
  tag: string;
  /** Undefined if the registry does not have the tag. */
  digest?: string;
}

/**
 * Asks the registry for the image of every service, once for each. Images that somebody else built are not in it, and not among
 * the result.
 *
 * @throws Failure if the registry, or AWS for a login to it, cannot be reached or refuses.
 */
export async function findImages(
  environment: StackEnvironment,
  services: readonly StackService[],
): Promise<ServiceImage[]> {
  const images = await findRepository(environment);
  try {
    return await Promise.all(
      services.filter(isBuilt).map(async (service) => {
        const { name, release } = service;
        const tag = imageTag(service);
        const digest = await findDigest(images, tag);
        return { service: name, release, tag: `${images.repository}:${tag}`, ...(digest && { digest }) };
      }),
    );
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new Failure(`${error.message}. Nothing was changed.`);
  }
}

/** Whether a service's image is its own, in the environment's registry. */
export function isBuilt({ context }: StackService): boolean {
  return context !== undefined;
}

/** @throws Failure that lists every image that the registry does not have. */
export async function requireImages(
  environment: StackEnvironment,
  services: readonly StackService[],
  remedy: string,
): Promise<ServiceImage[]> {
  const images = await findImages(environment, services);
  const missing = images.filter(({ digest }) => digest === undefined);
  if (missing.length === 0) return images;
  const lines = missing.map(({ service, tag }) => `  - services.${service}: the registry does not have ${tag}`);
  throw new Failure([`Images are missing; nothing was changed. ${remedy}`, ...lines].join("\n"));
}

/** Whether an update of the stack builds images that the registry does not have. */
export function buildsImages({ config }: StackEnvironment): boolean {
  return config.images.build === "if-missing";
}

/** The environment's image repository, with a login to it. @throws Failure if AWS does not give one. */
export async function findRepository({ config }: StackEnvironment): Promise<ImageRepository> {
  if (!isEks(config)) return { repository: config.images.repository };
  const { registry, aws } = config;
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const ecr = new ECRClient({ region: aws.region });
  try {
    // By account, as the program does: the repository may belong to another account.
    const registryIds = registry.accountId === aws.accountId ? undefined : [registry.accountId];
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({ registryIds }));
    const { authorizationToken = "", proxyEndpoint = "" } = authorizationData?.[0] ?? {};
    const [username = "", ...password] = Buffer.from(authorizationToken, "base64").toString("utf8").split(":");
    const repository = `${proxyEndpoint.replace(/^https?:\/\//, "")}/${registry.repository}`;
    return { repository, credentials: { username, password: password.join(":") } };
  } catch (error) {
    throw new Failure(
      `AWS gave no login to ECR (${reasonOf(error)}); nothing was changed. Sign in, or check AWS_PROFILE.`,
    );
  } finally {
    ecr.destroy();
  }
}
