import { createHmac, randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, usesArgoRollouts } from "../config/index.ts";
import { lastOutput } from "./last-update.ts";

/** Whoever may see a pod sees the names of its Secrets. Without a key, a short secret could be guessed from the hash in a name. */
const KEY_BYTES = 32;
const HASH_CHARACTERS = 10;

/**
 * The stack's key for names that carry a hash of secret content. It is kept in the stack's outputs, as a secret. Undefined if no
 * service has such names.
 */
export async function findNameKey({
  services,
  gitops,
}: Pick<Environment, "services" | "gitops">): Promise<pulumi.Output<string> | undefined> {
  const last = (await lastOutput<string>("nameKey")) || undefined;
  const isNeeded = gitops !== undefined || services.some(({ rollout }) => usesArgoRollouts(rollout.strategy));
  if (last === undefined && !isNeeded) return undefined;
  return pulumi.secret(last ?? randomBytes(KEY_BYTES).toString("hex"));
}

/**
 * A name that is the same whenever the content is. A pod template that names the object is then the same too, byte for byte, so a
 * rollback finds the pods of the version before.
 */
export function contentName(
  key: pulumi.Output<string>,
  prefix: string,
  data: Record<string, pulumi.Input<string>>,
): pulumi.Output<string> {
  const name = pulumi.all([key, data]).apply(([text, content]) => {
    const entries = Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1));
    const hash = createHmac("sha256", text).update(JSON.stringify(entries)).digest("hex");
    return `${prefix}-${hash.slice(0, HASH_CHARACTERS)}`;
  });
  return pulumi.unsecret(name);
}
