import type { Service } from "../../config/index.ts";

/** Those that shipped with a controller that holds a rollout up: https://github.com/kubernetes/kubernetes/pull/137926 */
const BROKEN = /^v?1\.35\.[0-3](?![0-9])/;

/**
 * Kubernetes 1.35.0 to 1.35.3 count a pod of the old release that fails as the one pod that a rollout may take away, unless it has the
 * highest number. So the release that would repair it never reaches it, and is rolled back when its time is up.
 *
 * @param version of the API server, such as v1.35.2-eks-1234567
 */
export function brokenStatefulSets(
  services: readonly Pick<Service, "name" | "kind">[],
  version: string,
): string | undefined {
  const names = services.filter(({ kind }) => kind === "stateful").map(({ name }) => name);
  if (names.length === 0 || !BROKEN.test(version)) return undefined;
  return (
    `${names.join(", ")}: Kubernetes ${version} does not replace a pod that already fails (kubernetes#137409). If a rollout stays there, ` +
    "delete that pod: kubectl delete pod <name>. Use 1.35.4 or later."
  );
}
