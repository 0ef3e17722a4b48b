export { Addons } from "./addons.ts";
export { restrictedNamespace } from "./cluster.ts";
export { Images, planImages } from "./images.ts";
export { Service } from "./service.ts";
export { findTarget } from "./target.ts";
