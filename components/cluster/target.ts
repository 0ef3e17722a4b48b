import type { ImageRepository } from "../images/registry.ts";
import type { ClusterConnection } from "./connection.ts";

/** Where an environment runs. */
export interface Target {
  images: ImageRepository;
  /** Declares the cluster, or connects to an existing one. */
  connect(): Promise<ClusterConnection>;
}
