import { isDeepStrictEqual } from "node:util";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";

/** What charts/service sets for every container and pod, so that it need not be carried over. */
const SAME: readonly [path: string[], value: unknown][] = [
  [["allowPrivilegeEscalation"], false],
  [["privileged"], false],
  [["readOnlyRootFilesystem"], true],
  [["capabilities", "drop"], ["ALL"]],
  [["runAsNonRoot"], true],
  [["seccompProfile", "type"], "RuntimeDefault"],
  [["fsGroupChangePolicy"], "OnRootMismatch"],
  [["supplementalGroups"], []],
];

/**
 * Reads the securityContext of a container or a pod.
 *
 * @returns the user of the process. Its group and that of files become the same number.
 */
export function readSecurity(fields: Fields, { findings }: Context): number | undefined {
  const security = fields.at("securityContext");
  for (const [path, value] of SAME) if (isDeepStrictEqual(security.peek(...path), value)) security.take(...path);
  const user = security.peek("runAsUser");
  if (user === 0) {
    findings.leaveOut(
      security.at("runAsUser"),
      "no process runs as root: pod security restricted forbids it. Build an image whose files belong to another user",
    );
    return undefined;
  }
  if (typeof user === "number") security.take("runAsUser");
  for (const group of ["runAsGroup", "fsGroup"]) if (security.peek(group) === user) security.take(group);
  for (const field of ["runAsGroup", "fsGroup"]) {
    if (security.peek(field) !== undefined && !security.isRead(field)) {
      findings.leaveOut(
        security.at(field),
        "the group of the process and of its files has the number of user. Give files in the image and in volumes to that group",
      );
    }
  }
  if (security.peek("readOnlyRootFilesystem") === false) {
    findings.leaveOut(
      security.at("readOnlyRootFilesystem"),
      "the root file system is read-only. List the folders that the process writes to in tmp.paths; /tmp is one anyway",
    );
  }
  for (const field of security.keys()) {
    if (security.at(field).unread().length === 0) continue;
    findings.leaveOut(security.at(field), "pods run with pod security restricted. If it allows this, set it by patch");
  }
  return typeof user === "number" ? user : undefined;
}
