import { findDigest, type ImageRepository, RegistryError } from "../components/images/registry.ts";
import { isEks } from "../config/environment.ts";
import { imageTag } from "../config/naming.ts";
import type { DeliveredEnvironment, DeliveredService } from "./environment.ts";
import { Failure, reasonOf } from "./failure.ts";

/** A service's image as the registry has it. */
export interface DeliveredImage {
  service: string;
  release: string;
  /** `<repository>:<service>-<release>` */
  tag: string;
  /** Undefined where the registry lacks it. */
  digest?: string;
}

/**
 * Looks up the image of every service.
 *
 * @throws Failure if the registry, or AWS for a login to it, cannot be asked.
 */
export async function findImages(
  environment: DeliveredEnvironment,
  services: readonly DeliveredService[],
): Promise<DeliveredImage[]> {
  const images = await repositoryOf(environment);
  try {
    return await Promise.all(
      services.map(async (service) => {
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

/** @throws Failure naming every image that the registry lacks. */
export async function demandImages(
  environment: DeliveredEnvironment,
  services: readonly DeliveredService[],
  remedy: string,
): Promise<DeliveredImage[]> {
  const images = await findImages(environment, services);
  const missing = images.filter(({ digest }) => digest === undefined);
  if (missing.length === 0) return images;
  const lines = missing.map(({ service, tag }) => `  - services.${service}: the registry lacks ${tag}`);
  throw new Failure([`Images are missing; nothing was changed. ${remedy}`, ...lines].join("\n"));
}

/** Whether the stack itself makes the images that the registry lacks. */
export function builds({ config }: DeliveredEnvironment): boolean {
  return config.images.build === "if-missing";
}

/** Where the images of an environment are, with what it takes to ask for them. @throws Failure if AWS cannot be asked. */
export async function repositoryOf({ config }: DeliveredEnvironment): Promise<ImageRepository> {
  if (!isEks(config)) return { repository: config.images.repository };
  const { registry, aws } = config;
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const ecr = new ECRClient({ region: aws.region });
  try {
    // By account, as the program asks: the repository may be another's.
    const registryIds = registry.accountId === aws.accountId ? undefined : [registry.accountId];
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({ registryIds }));
    const { authorizationToken = "", proxyEndpoint = "" } = authorizationData?.[0] ?? {};
    const [username = "", ...password] = Buffer.from(authorizationToken, "base64").toString("utf8").split(":");
    const repository = `${proxyEndpoint.replace(/^https?:\/\//, "")}/${registry.repository}`;
    return { repository, credentials: { username, password: password.join(":") } };
  } catch (error) {
    throw new Failure(
      `AWS cannot be asked for a login to ECR (${reasonOf(error)}); nothing was changed. Sign in, or check AWS_PROFILE.`,
    );
  } finally {
    ecr.destroy();
  }
}
