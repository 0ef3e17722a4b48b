import { dotted } from "../../config/fault.ts";
import type { Draft } from "./draft.ts";
import type { Findings } from "./findings.ts";
import { isSecretText } from "./secret-values.ts";

/** Takes away any text in the form of a secret, wherever it is: what is written goes into git. */
export function removeSecrets(draft: Draft, findings: Findings): void {
  const walk = (value: unknown, path: string[]) => {
    if (typeof value === "string" && isSecretText(value)) {
      const place = draft.remove(path);
      if (place)
        findings.add(
          "leftOut",
          place,
          `${dotted(path)} looks like a secret, so it was not written. Make it a secret of ${draft.name}`,
        );
    } else if (typeof value === "object" && value !== null) {
      const keys = Object.keys(value);
      for (const key of Array.isArray(value) ? keys.reverse() : keys)
        walk((value as Record<string, unknown>)[key], [...path, key]);
    }
  };
  walk(draft.fields, []);
}
