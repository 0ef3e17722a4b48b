import type { Path } from "../../fault.ts";

/** Reports a fault of the service, by the path of the field within the service. */
export type AddFault = (path: Path, message: string) => void;
