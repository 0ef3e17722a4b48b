import { HELM_RELEASE } from "../../config/naming.ts";
import type { DeclaredResource, Rule } from "../rule.ts";
import { containersOf, workloadsIn } from "../workloads.ts";

const PINNED = /@sha256:[0-9a-f]{64}$/;
const FIX = "Name it by digest: <repository>[:<tag>]@sha256:…";

export const imageDigest: Rule = {
  name: "image-digest",
  description: "Every image is named by its digest: a tag can move, and then pods of one release run different bytes.",
  objects: (objects) =>
    workloadsIn(objects).flatMap(({ label, pod }) =>
      containersOf(pod)
        .filter(({ image = "" }) => !PINNED.test(image))
        .map(({ name, image }) => `${label}: container ${name} has the image ${image}. ${FIX}`),
    ),
  resource: (resource) => {
    const image = imageOf(resource);
    return image === undefined || PINNED.test(image) ? [] : [`its values have the image ${image}. ${FIX}`];
  },
};

/** The image of a service's release. Add-ons name theirs in two parts, and their charts' tests pin them. */
function imageOf({ type, props }: DeclaredResource): string | undefined {
  if (type !== HELM_RELEASE) return undefined;
  const { image } = (props.values ?? {}) as { image?: unknown };
  return typeof image === "string" ? image : undefined;
}
