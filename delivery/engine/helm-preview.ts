import { type Difference, UNKNOWN } from "./differences.ts";

/** The value of charts/service that holds the image, `repository@sha256:…`. */
export const IMAGE_VALUE = "values.image";

/**
 * Corrects the differences of a Helm release in a preview that does not know all of its values.
 *
 * The kubernetes plugin drops unknown values from the release's inputs, and leaves its version empty because it loads the chart only
 * if every value is known. The engine then reports the value as removed and the version as changed to `""`. Source: Check in
 * https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/provider/helm_release.go
 *
 * @param after inputs that the plugin returned
 */
export function correctUnknownValues(differences: readonly Difference[], after: object): Difference[] {
  const { version } = after as { version?: unknown };
  if (version !== "") return [...differences];
  const isRemoved = ({ path, to }: Difference) => path.startsWith("values.") && to === undefined;
  const imageIsUnknown = differences.some((difference) => difference.path === IMAGE_VALUE && isRemoved(difference));
  return differences
    .filter(({ path }) => path !== "version")
    .map((difference) => {
      if (!isRemoved(difference)) return difference;
      if (difference.path === IMAGE_VALUE) return { ...difference, to: UNKNOWN };
      // The image explains the empty version, so other values are removed. Without it any of them may be the unknown one.
      return imageIsUnknown ? difference : { ...difference, to: "[removed, or known after the update]" };
    });
}
