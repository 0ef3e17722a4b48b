import { type Environment, type ExistingEnvironment, isEks } from "../../config/index.ts";
import type { ImageRepository } from "../images/registry.ts";
import { type ClusterConnection, connectExisting } from "./connection.ts";

/** Where an environment runs. */
export interface Target {
  images: ImageRepository;
  /** Declares the cluster, or connects to the one that is there. */
  connect(): Promise<ClusterConnection>;
}

/**
 * The environment's target: the only place that knows which there are. Nothing is declared yet.
 *
 * @throws pulumi.RunError that says what AWS does not have as the config wants it, or that it cannot be asked.
 */
export async function findTarget(environment: Environment): Promise<Target> {
  // Loaded when wanted: the provider's package costs start-up.
  if (isEks(environment)) return (await import("../aws/eks-target.ts")).findEksTarget(environment);
  const existing = environment as ExistingEnvironment;
  return { images: { repository: existing.images.repository }, connect: () => connectExisting(existing) };
}
