export { Addons } from "./addons/index.ts";
export { findTarget } from "./cluster/find-target.ts";
export { restrictedNamespace } from "./cluster/namespace.ts";
export { Images, planImages } from "./images/images.ts";
export { Service } from "./service.ts";
export { deployServices } from "./services.ts";
