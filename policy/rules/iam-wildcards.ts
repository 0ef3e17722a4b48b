import type { DeclaredResource, Rule } from "../rule.ts";

interface Statement {
  Sid?: string;
  Effect?: string;
  Action?: string | string[];
  NotAction?: unknown;
  Resource?: string | string[];
  Principal?: unknown;
  Condition?: object;
}

/** Policies that say what their holder may do. */
const OF_IDENTITY =
  /^aws:iam\/(policy:Policy|rolePolicy:RolePolicy|userPolicy:UserPolicy|groupPolicy:GroupPolicy|role:Role)$/;
/** Policies of a resource. In a key's policy the resource "*" is the key itself. */
const OF_RESOURCE =
  /^aws:(s3\/bucketPolicy|ecr\/repositoryPolicy|sns\/topicPolicy|sqs\/queuePolicy|kms\/key|secretsmanager\/secretPolicy|iam\/role):/;
/** Managed policies of AWS that allow everything, or everything of IAM. */
const TOO_MUCH = /\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;
/** Actions that only read, which AWS often cannot limit to a resource. */
const READS = /^[a-z0-9-]+:(Describe|List|Get|BatchGet|Search)/i;

export const iamWildcards: Rule = {
  name: "iam-wildcards",
  description:
    "No IAM policy allows everything, of AWS, of a service or of all resources: stolen credentials would own the account.",
  resource: ({ type, props }) => [
    ...(OF_IDENTITY.test(type) ? documentsOf(props).flatMap(identityFaults) : []),
    ...(OF_RESOURCE.test(type) ? resourceDocuments(type, props).flatMap(principalFaults) : []),
    ...(TOO_MUCH.test(String(props.policyArn ?? "")) ? [`it attaches ${props.policyArn}. List what is needed`] : []),
  ],
};

function documentsOf({ policy, inlinePolicies = [] }: DeclaredResource["props"]): Statement[] {
  const inline = (inlinePolicies as { policy?: unknown }[]).map((item) => item.policy);
  return [policy, ...inline].flatMap(statementsOf);
}

function resourceDocuments(type: string, { policy, assumeRolePolicy }: DeclaredResource["props"]): Statement[] {
  return statementsOf(type.startsWith("aws:iam/role:") ? assumeRolePolicy : policy);
}

function statementsOf(document: unknown): Statement[] {
  if (document === undefined) return [];
  const { Statement = [] } = (typeof document === "string" ? JSON.parse(document) : document) as {
    Statement?: Statement | Statement[];
  };
  return [Statement].flat();
}

function identityFaults({ Sid = "", Effect, Action = [], NotAction, Resource = [], Condition }: Statement): string[] {
  if (Effect !== "Allow") return [];
  const at = `statement ${Sid || "without a Sid"}`;
  const actions = [Action].flat();
  const whole = actions.filter((action) => action === "*" || action.endsWith(":*"));
  const writes = actions.filter((action) => !READS.test(action));
  const isEverywhere = [Resource].flat().includes("*") && Condition === undefined;
  return [
    ...(NotAction === undefined ? [] : [`${at} allows all but NotAction. List the actions`]),
    ...(whole.length > 0 ? [`${at} allows ${whole.join(", ")}. List the actions that are needed`] : []),
    ...(whole.length === 0 && isEverywhere && writes.length > 0
      ? [`${at} allows ${writes.join(", ")} on every resource. Name the resources, or add a Condition`]
      : []),
  ];
}

function principalFaults({ Sid = "", Effect, Principal, Condition }: Statement): string[] {
  const principals =
    typeof Principal === "object" && Principal !== null
      ? Object.entries(Principal)
          .filter(([kind]) => kind === "AWS")
          .flatMap(([, who]) => who as string | string[])
      : [Principal];
  if (Effect !== "Allow" || !principals.includes("*") || Condition !== undefined) return [];
  return [`statement ${Sid || "without a Sid"} lets everybody in. Name the principals, or add a Condition`];
}
