import type * as pulumi from "@pulumi/pulumi";
import type { Environment, Service } from "../config/index.ts";
import { chartHash } from "./charts.ts";

export const SERVICE_CHART = "service";

/** What the values of a service's release need besides its config. */
export interface DeployedParts {
  /** `…@sha256:…` */
  image: pulumi.Input<string>;
  dns: Environment["dns"];
  /** Address ranges of the ingress controller's pods. @default - its namespace alone is admitted */
  ingressRanges?: readonly string[] | undefined;
  /** Role of the pods. A change of it rolls them. @default - none */
  roleArn?: pulumi.Input<string> | undefined;
  /** Names of the ConfigMaps and Secrets that the service has, by the value of the chart that takes each. */
  data: Record<string, pulumi.Input<string>>;
}

/** Values of charts/service for a service. */
export function serviceValues(
  service: Service,
  { image, dns, ingressRanges = [], roleArn, data }: DeployedParts,
): Record<string, unknown> {
  return {
    ...service.chartFields,
    ...service.analysisValues,
    release: service.release,
    ...(roleArn !== undefined && { serviceAccount: { ...service.chartFields.serviceAccount, roleArn } }),
    image,
    chartHash: chartHash(SERVICE_CHART),
    ...(dns && { dns }),
    ...(ingressRanges.length > 0 && service.hosts.length > 0 && { ingressRanges }),
    ...service.podValues,
    ...data,
  };
}

/** ConfigMaps and Secrets that a service has, by the value of the chart that takes the name of each. */
export function dataOf({ config, secrets, fileTexts, fileSecrets }: Service) {
  const all = { configName: config, secretName: secrets, filesName: fileTexts, secretFilesName: fileSecrets };
  return Object.keys(all).filter((value) => Object.keys(all[value as keyof typeof all]).length > 0);
}
