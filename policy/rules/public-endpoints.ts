import type { V1Service } from "@kubernetes/client-node";
import type { DeclaredResource, Rule } from "../rule.ts";
import { ofKind } from "../workloads.ts";

type Props = DeclaredResource["props"];

const EVERYBODY = ["0.0.0.0/0", "::/0"];
/** Ports of a site, which everybody may visit. `loadBalancer.allowCidrs` limits who does. */
const SITE = [80, 443];
const PUBLIC_ACCESS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
/** https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer */
const INTERNAL = /\/aws-load-balancer-(internal|scheme)$/;

const CHECKS: Record<string, (props: Props) => string[]> = {
  "aws:eks/cluster:Cluster": ({ vpcConfig = {} }) => {
    const { endpointPublicAccess = true, publicAccessCidrs = EVERYBODY } = vpcConfig as {
      endpointPublicAccess?: boolean;
      publicAccessCidrs?: string[];
    };
    if (!endpointPublicAccess || !publicAccessCidrs.some(isEverybody)) return [];
    return ["the cluster's API is open to everybody. Name who may reach it: cluster.api.publicCidrs"];
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ({ cidrIpv4, cidrIpv6, ...rule }) =>
    isEverybody(cidrIpv4) || isEverybody(cidrIpv6) ? portFaults(rule) : [],
  "aws:ec2/securityGroupRule:SecurityGroupRule": ({ type, cidrBlocks, ipv6CidrBlocks, ...rule }) =>
    type === "ingress" && includesEverybody(cidrBlocks, ipv6CidrBlocks) ? portFaults(rule) : [],
  "aws:ec2/securityGroup:SecurityGroup": ({ ingress = [] }) =>
    (ingress as Props[]).flatMap(({ cidrBlocks, ipv6CidrBlocks, ...rule }) =>
      includesEverybody(cidrBlocks, ipv6CidrBlocks) ? portFaults(rule) : [],
    ),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (props) => {
    const open = PUBLIC_ACCESS.filter((field) => props[field] !== true);
    return open.length > 0 ? [`the bucket may become public. Set ${open.join(", ")}`] : [];
  },
  "aws:rds/instance:Instance": ({ publiclyAccessible }) =>
    publiclyAccessible ? ["the database has a public address. Remove publiclyAccessible"] : [],
};

export const publicEndpoints: Rule = {
  name: "public-endpoints",
  description: "Nothing but a site's ports 80 and 443 is open to everybody: all else names who may reach it.",
  resource: ({ type, props }) => CHECKS[type]?.(props) ?? [],
  objects: (objects) =>
    ofKind<V1Service>(objects, "Service").flatMap(({ metadata, spec }) => {
      const isInternal = Object.entries(metadata?.annotations ?? {}).some(
        ([key, value]) => INTERNAL.test(key) && (value === "true" || value === "internal"),
      );
      const { loadBalancerSourceRanges: ranges = EVERYBODY } = spec ?? {};
      if (spec?.type !== "LoadBalancer" || isInternal || !ranges.some(isEverybody)) return [];
      return [`Service ${metadata?.name} is open to everybody. Set loadBalancerSourceRanges, or use hosts`];
    }),
};

function isEverybody(range: unknown): boolean {
  return EVERYBODY.includes(range as string);
}

function includesEverybody(...ranges: unknown[]): boolean {
  return ranges.flat().some(isEverybody);
}

function portFaults({ fromPort, toPort = fromPort }: Props): string[] {
  if (fromPort === toPort && SITE.includes(Number(fromPort))) return [];
  const ports = fromPort === undefined ? "every port" : `ports ${fromPort} to ${toPort}`;
  return [`${ports} are open to everybody. Name the ranges that may reach them`];
}
