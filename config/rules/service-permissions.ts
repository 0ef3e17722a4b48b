import type { Fault } from "../fault.ts";
import { defaultClusterName } from "../naming.ts";
import type { ParsedEnvironment } from "../schema/environment.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_ROLE_NAME = 64;
const MAX_POLICY_CHARACTERS = 10_240;
/** What Pulumi appends to a name. */
const AUTO_NAME_SUFFIX = 8;
/** Services whose actions change who may do what: with one of them pods could give themselves the rest. */
const REFUSED_SERVICES = ["account", "iam", "organizations"];

/** Faults of what the config lets pods do in AWS: `services.<name>.aws`. */
export function servicePermissionFaults({ cluster, namespace, services }: ParsedEnvironment, stack: string): Fault[] {
  return Object.entries(services).flatMap(([name, { enabled, aws, serviceAccount }]) => {
    if (!enabled || aws === undefined) return [];
    const at = ["services", name, "aws"];
    if (cluster.target === "existing") {
      const message = "only for cluster.target: eks, by EKS Pod Identity. Remove it";
      return [{ path: at, message }];
    }
    const faults: Fault[] = aws.allow.flatMap(({ actions }, item) =>
      actions.flatMap((action, index) => {
        if (!REFUSED_SERVICES.includes(action.split(":")[0] ?? "")) return [];
        const message = "it changes who may do what, so pods could give themselves more. Remove it";
        return [{ path: [...at, "allow", item, "actions", index], message }];
      }),
    );
    if (serviceAccount?.roleArn !== undefined) {
      const message =
        "the pods have the role serviceAccount.roleArn. Give that role these permissions, or remove roleArn";
      faults.push({ path: at, message });
    }
    const size = JSON.stringify(aws.allow).length;
    // Sid, effect and version come on top.
    if (size + 60 * aws.allow.length + 60 > MAX_POLICY_CHARACTERS) {
      const message = `an IAM policy of about ${size} characters; AWS allows ${MAX_POLICY_CHARACTERS}. Name fewer resources, or use serviceAccount.roleArn`;
      faults.push({ path: [...at, "allow"], message });
    }
    const role = `${cluster.name ?? defaultClusterName(namespace, stack)}-${name}`;
    if (role.length + AUTO_NAME_SUFFIX > MAX_ROLE_NAME) {
      const message = `its role would be named ${role}-<7 characters>; AWS allows ${MAX_ROLE_NAME} in all. Use a shorter name, or serviceAccount.roleArn`;
      faults.push({ path: at, message });
    }
    return faults;
  });
}
