import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Service } from "../../config/index.ts";
import type { ClusterReader } from "./reader.ts";

/** What services and add-ons need of a cluster. */
export interface ClusterConnection {
  /** Options of every resource in the cluster. */
  options: { provider: kubernetes.Provider };
  /** Deleting it deletes everything in the cluster. @default - resources in the cluster are deleted one by one */
  cluster?: pulumi.Resource;
  /** The image registry, if this update may create it. Nothing is pushed before. @default - the registry exists */
  registry?: pulumi.Resource;
  /** How requests reach the ingress controller, if the environment does not say it. @default - as the environment says */
  ingress?: IngressAccess;
  /** More options of an add-on's release, by the add-on's name, such as what it must wait for. @default - none */
  addonOptions?: Record<string, Pick<pulumi.CustomResourceOptions, "aliases"> & { dependsOn?: pulumi.Resource[] }>;
  /**
   * Gives an IAM role to a service's pods. They must be made after it.
   *
   * @default - the config is refused if a service has a role
   */
  serviceRole?(role: {
    service: string;
    roleArn?: string | undefined;
    allow?: AwsPermissions | undefined;
  }): ServiceRole;
  /** Outputs of the stack, such as addresses. */
  outputs: Record<string, pulumi.Input<unknown>>;
  /** Reads the cluster from the program itself. The first call loads the client library. */
  reader(): Promise<ClusterReader>;
}

/** `services.<name>.aws.allow` */
export type AwsPermissions = NonNullable<Service["aws"]>["allow"];

/** The IAM role of a service's pods. */
export interface ServiceRole {
  roleArn: pulumi.Input<string>;
  /** Once it exists, pods that are made get the role. */
  ready: pulumi.Resource;
}

/** A load balancer that the program declares itself, in front of the ingress controller's node port. */
export interface IngressAccess {
  nodePort: number;
  /** Address ranges of the load balancer. X-Forwarded-* headers from there are trusted. */
  trustedRanges: pulumi.Input<string>[];
  /**
   * Address ranges of the ingress controller's pods, where network policies learn the address of a new pod late. Services admit them
   * on the ports that the controller calls. See docs/decisions/ingress-ranges.md.
   *
   * @default - services admit the controller's namespace alone
   */
  controllerRanges?: string[];
}
