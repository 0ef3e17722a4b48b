import type { Fault } from "../fault.ts";
import type { ParsedEnvironment } from "../schema/environment.ts";

/** IAM roles for service accounts: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html */
const IRSA = "eks.amazonaws.com/role-arn";

/** Faults of the IAM roles that services' pods get. What cannot work on a target would leave the pods without their role. */
export function podRoleFaults({ cluster, aws, services }: ParsedEnvironment): Fault[] {
  return Object.entries(services).flatMap(([name, { enabled, serviceAccount }]) => {
    if (!enabled || serviceAccount === undefined) return [];
    const at = ["services", name, "serviceAccount"];
    const { roleArn, annotations = {} } = serviceAccount;
    if (cluster.target === "existing") {
      const message =
        "only for cluster.target: eks, by EKS Pod Identity. Remove it; if the cluster has an OIDC provider for IAM, set " +
        `serviceAccount.annotations.${IRSA}`;
      return roleArn === undefined ? [] : [{ path: [...at, "roleArn"], message }];
    }
    const faults: Fault[] = [];
    if (Object.hasOwn(annotations, IRSA)) {
      const message =
        "the cluster has no OIDC provider, so pods would not get the role. Use serviceAccount.roleArn, which gives it by EKS Pod Identity";
      faults.push({ path: [...at, "annotations", IRSA], message });
    }
    // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    if (roleArn !== undefined && aws !== undefined && !roleArn.startsWith(`arn:aws:iam::${aws.accountId}:`)) {
      const message = `must be a role in the cluster's account, ${aws.accountId}: EKS Pod Identity gives no other. Let that role assume this one`;
      faults.push({ path: [...at, "roleArn"], message });
    }
    return faults;
  });
}
