export { Addons } from "./addons/index.ts";
export { restrictedNamespace } from "./cluster/connection.ts";
export { findTarget } from "./cluster/target.ts";
export { Images, planImages } from "./images/images.ts";
export { Service } from "./service.ts";
