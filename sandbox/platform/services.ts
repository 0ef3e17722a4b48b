import { KubeConfig } from "@kubernetes/client-node";
import { runningServices, type ServiceStatus } from "../../delivery/running-services.ts";
import { paths, ports } from "../paths.ts";

export { type ServiceStatus, serviceTable } from "../../delivery/running-services.ts";

/** The services of a namespace of the cluster, by name. */
export async function serviceStatuses(namespace: string): Promise<Record<string, ServiceStatus>> {
  const config = new KubeConfig();
  config.loadFromFile(paths.kubeconfig);
  return runningServices(config, namespace, { scheme: "http", port: ports.ingress });
}
