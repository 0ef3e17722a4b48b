import { resolveService } from "../../resolve.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkReplicas(name: string, service: ParsedService, add: AddFault): void {
  const { min, max } = resolveService(name, service, "").replicas;
  if (max < min) add(["replicas", "max"], `below replicas.min, which is ${min}. Raise max or lower min`);
}
