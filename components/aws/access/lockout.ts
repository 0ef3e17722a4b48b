import { type Fault, PRINCIPAL_ARN } from "../../../config/index.ts";

export interface Caller {
  /** Role (or user) that runs the update; where a role is assumed, the role itself. */
  callerRoleArn: string;
  admins: readonly string[];
  /** @default - only the admins have access */
  deployRoleArn?: string;
}

/** A caller without an access entry could create the cluster, and then nothing in it. */
export function lockoutFault({ callerRoleArn, admins, deployRoleArn }: Caller): Fault | undefined {
  if (admins.includes(callerRoleArn) || callerRoleArn === deployRoleArn) return undefined;
  const others = deployRoleArn ? `one of them or ${deployRoleArn}` : "one of them";
  const wayOut = PRINCIPAL_ARN.test(callerRoleArn)
    ? `would lock itself out of the cluster. Add it, or run the update as ${others}`
    : `cannot be given access to a cluster. Run the update as ${others}`;
  return {
    path: ["cluster", "admins"],
    message: `${callerRoleArn}, which runs this update, is not among them and ${wayOut}`,
  };
}
