export { Addons } from "./addons.ts";
export { connectCluster, restrictedNamespace } from "./cluster.ts";
export { Images, planImages } from "./images.ts";
export { Service } from "./service.ts";
export { clearStuckReleases } from "./stuck-releases.ts";
