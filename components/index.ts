export { Addons } from "./addons/index.ts";
export { findTarget } from "./cluster/find-target.ts";
export { refuseToGiveUpNamespace, servicesNamespace } from "./cluster/namespace.ts";
export { Images, planImages } from "./images/images.ts";
export { dryRunServices } from "./rollout/dry-run.ts";
export { growVolumes } from "./rollout/grow-volumes.ts";
export { Service } from "./service.ts";
export { deployServices } from "./services.ts";
