import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Ids below are those of users that a node's system may have. */
const LEAST_OWN_USER = 10_000;

export function checkImage({ build, image, user }: ParsedService, add: AddFault): void {
  if (build === undefined && image === undefined) {
    add(["build"], "required, a map with context, or image for the image of somebody else. Add one of them");
  }
  if (build !== undefined && image !== undefined) {
    add(["image"], "the service has a build as well. Remove one of them; an environment takes it away with null");
  }
  if (image === undefined) checkUser(["user"], user, add);
}

/** The team can give its own image any user. That of somebody else may own its files by a low id. */
export function checkUser(path: string[], user: number | undefined, add: AddFault): void {
  if (user === undefined || user >= LEAST_OWN_USER) return;
  add(path, `may be a user of the node. Use ${LEAST_OWN_USER} or more; only the image of somebody else may have less`);
}
