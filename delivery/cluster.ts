import { KubeConfig } from "@kubernetes/client-node";
import { kubeconfigOf } from "../components/aws/cluster/kubeconfig.ts";
import { isEks } from "../config/environment.ts";
import type { DeliveredEnvironment } from "./environment.ts";
import { Failure, reasonOf } from "./failure.ts";

/**
 * Access to the environment's cluster: by the kubeconfig's context that it names, or by what EKS says of it.
 *
 * @throws Failure if there is none.
 */
export async function connectCluster({ config }: DeliveredEnvironment): Promise<KubeConfig> {
  const access = new KubeConfig();
  if (!isEks(config)) {
    const { cluster } = config;
    if (cluster.kubeconfig) access.loadFromFile(cluster.kubeconfig);
    else access.loadFromDefault();
    if (!access.getContexts().some(({ name }) => name === cluster.context)) {
      throw new Failure(
        `cluster.context: the kubeconfig has no "${cluster.context}". Point KUBECONFIG at the right file.`,
      );
    }
    access.setCurrentContext(cluster.context);
    return access;
  }
  const { region } = config.aws;
  const { name } = config.cluster;
  const { DescribeClusterCommand, EKSClient } = await import("@aws-sdk/client-eks");
  const eks = new EKSClient({ region });
  try {
    const { cluster: found } = await eks.send(new DescribeClusterCommand({ name }));
    const certificateAuthority = found?.certificateAuthority?.data ?? "";
    access.loadFromString(kubeconfigOf({ name, endpoint: found?.endpoint ?? "", certificateAuthority, region }));
    return access;
  } catch (error) {
    throw new Failure(
      `The EKS cluster ${name} cannot be looked up: ${reasonOf(error)}. Sign in, or check AWS_PROFILE.`,
    );
  } finally {
    eks.destroy();
  }
}
