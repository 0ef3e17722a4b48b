import { isDeepStrictEqual } from "node:util";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

type Toleration = NonNullable<ParsedService["tolerations"]>[number];

/** Taints of a node that is lost. The chart tolerates them for nodeLossSeconds. */
const NODE_LOSS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** https://github.com/kubernetes/kubernetes/blob/v1.36.1/pkg/apis/core/validation/validation.go (ValidateTolerations) */
export function checkTolerations({ tolerations = [] }: ParsedService, add: AddFault): void {
  const seen: Toleration[] = [];
  for (const [
    index,
    { key = "", operator = "Equal", value = "", effect, tolerationSeconds },
  ] of tolerations.entries()) {
    const fault = (field: string, message: string) => add(["tolerations", index, field], message);
    if (key === "" && operator === "Equal") {
      fault("operator", "without a key it tolerates every taint and must be Exists. Set operator: Exists, or a key");
    }
    if (operator === "Exists" && value !== "") {
      fault("value", "operator Exists does not compare values. Remove value, or use operator: Equal");
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      fault("tolerationSeconds", "only for effect: NoExecute, which evicts pods. Set the effect, or remove it");
    }
    if (NODE_LOSS.includes(key) && (effect ?? "NoExecute") === "NoExecute") {
      fault("key", "the chart tolerates it for nodeLossSeconds. Set nodeLossSeconds, and remove this toleration");
    }
    // A pod keeps one toleration for the same taint: with two, how long it stays is not said.
    const same = { key, operator, value, ...(effect && { effect }) };
    if (seen.some((other) => isDeepStrictEqual(other, same))) {
      add(["tolerations", index], "given twice. Remove one of them");
    }
    seen.push(same);
  }
}
