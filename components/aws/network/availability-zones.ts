import { type Fault, isExistingNetwork, type NetworkConfig } from "../../../config/index.ts";

/**
 * Refuses a region with fewer availability zones than the config wants.
 *
 * @param zones of the region, in which EKS runs.
 */
export function zoneFaults(config: NetworkConfig, zones: readonly string[]): Fault[] {
  if (isExistingNetwork(config) || zones.length >= config.zones) return [];
  const fewer = zones.length < 2 ? "" : `${zones.length}, or `;
  const message = `${config.zones} wanted; the region has ${zones.join(", ") || "none"}. Use ${fewer}another region`;
  return [{ path: ["cluster", "network", "zones"], message }];
}
