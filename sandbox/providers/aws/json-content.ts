import { isDeepStrictEqual } from "node:util";
import type { Plain } from "../protocol/value.ts";

/** Parts of a policy whose order means nothing, and of which a single one needs no list. */
const POLICY_SETS = new Set(["Action", "NotAction", "Resource", "NotResource", "Statement"]);

/** Whether two JSON texts say the same. Texts that are no JSON are the same when equal. */
export function sameJson(a: string, b: string, kind: "document" | "policy"): boolean {
  if (a === b) return true;
  const [x, y] = [parse(a), parse(b)];
  if (x === undefined || y === undefined) return false;
  return kind === "policy" ? isDeepStrictEqual(asPolicy(x), asPolicy(y)) : isDeepStrictEqual(x, y);
}

function parse(text: string): Plain | undefined {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return undefined;
  }
}

/**
 * A policy in one writing: what IAM takes as a list is one, sorted where the order means nothing. Principals and the values
 * of conditions are such lists too: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
function asPolicy(value: Plain, key = "", parent = ""): Plain {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).map(([name, item]) => [name, asPolicy(item, name, key)] as const);
    const map = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    return key === "Statement" ? [map] : map;
  }
  const inList = POLICY_SETS.has(key) || parent === "Principal" || parent === "NotPrincipal" || isOperator(parent);
  if (!inList) return Array.isArray(value) ? value.map((item) => asPolicy(item)) : value;
  const items = (Array.isArray(value) ? value : [value]).map((item) => asPolicy(item));
  return items.map(comparable).sort(byText);
}

/** Operators of a condition, as `StringEquals` or `ForAnyValue:ArnLike`. */
const isOperator = (key: string): boolean =>
  /^(For(All|Any)Values?:)?(String|Numeric|Date|Bool|Binary|Ip|Arn|Null)/.test(key);

/** `true` and `"true"`, `1` and `"1"` are one to IAM. */
const comparable = (value: Plain): Plain =>
  typeof value === "boolean" || typeof value === "number" ? String(value) : value;

const byText = (a: Plain, b: Plain): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
