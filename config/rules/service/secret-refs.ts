import type { ParsedService } from "../../schema/service/index.ts";
import { CHART_VARIABLES } from "../../variables.ts";
import type { AddFault } from "./add-fault.ts";

export function checkSecretRefs({ secretRefs = [], config, secrets }: ParsedService, add: AddFault): void {
  const owners = new Map<string, string>([
    ...Object.keys(config).map((name): [string, string] => [name, "config"]),
    ...secrets.map((name): [string, string] => [name, "secrets"]),
    ...CHART_VARIABLES.map((name): [string, string] => [name, "the variables that the chart sets itself"]),
  ]);
  const whole = new Set<string>();
  for (const [index, { secret, keys }] of secretRefs.entries()) {
    const path = ["secretRefs", index];
    if (keys === undefined) {
      if (whole.has(secret)) add([...path, "secret"], "given twice. Remove one of them");
      whole.add(secret);
      continue;
    }
    const names = Object.keys(keys);
    if (names.length === 0) add([...path, "keys"], "names no key. Add one, or remove keys to get all of them");
    for (const name of names) {
      const owner = owners.get(name);
      if (owner !== undefined) add([...path, "keys", name], `${name} is also in ${owner}. Use another name`);
      owners.set(name, `the Secret ${secret}`);
    }
  }
}
