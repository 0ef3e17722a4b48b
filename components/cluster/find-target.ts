import { type Environment, type ExistingEnvironment, isEks } from "../../config/index.ts";
import { connectToExistingCluster } from "./connect.ts";
import type { Target } from "./target.ts";

/**
 * The target that an environment names. Nothing is declared yet. No other place chooses between targets.
 *
 * @throws pulumi.RunError if AWS cannot be asked, or cannot give what the config wants.
 */
export async function findTarget(environment: Environment): Promise<Target> {
  // Loaded only on this path: @pulumi/aws takes most of the program's start-up time.
  if (isEks(environment)) return (await import("../aws/eks-target.ts")).findEksTarget(environment);
  const existing = environment as ExistingEnvironment;
  return {
    images: { repository: existing.images.repository },
    connect: () => connectToExistingCluster(existing),
  };
}
