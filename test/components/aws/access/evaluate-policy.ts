import type { PolicyDocument, PolicyStatement } from "../../../../components/aws/access/iam-policy.ts";

/** A request as IAM evaluates it: one for each resource. */
export interface Request {
  action: string;
  resource: string;
  /** Condition keys of the request. */
  context?: Record<string, string>;
}

/** Whether a policy with only Allow statements allows a request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export function allows({ Statement }: PolicyDocument, request: Request): boolean {
  return Statement.some((statement) => applies(statement, request));
}

function applies(
  { Action, Resource, Condition = {} }: PolicyStatement,
  { action, resource, context = {} }: Request,
): boolean {
  return (
    Action.some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    [Resource].flat().some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, [values].flat(), context[key])),
    )
  );
}

function holds(operator: string, values: string[], given: string | undefined): boolean {
  if (operator === "Null") return values.includes(String(given === undefined));
  if (given === undefined) return false;
  if (operator === "StringEquals") return values.includes(given);
  if (operator === "ArnLike") return values.some((pattern) => like(pattern, given));
  throw new Error(`The condition operator ${operator} is not implemented here.`);
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.\\+^${}()|[\]]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
