import type { Cluster } from "@aws-sdk/client-eks";
import { flag, object } from "./props.ts";
import type { Outputs, Props } from "./resource.ts";
import { timestamp } from "./timestamp.ts";

/** A cluster's properties, but its tags. What EKS never tells is taken from `known`. */
export function clusterOutputs(found: Cluster, known: Props): Outputs {
  const [encryption] = found.encryptionConfig ?? [];
  const knownAccess = object(known, "accessConfig") ?? {};
  return {
    accessConfig: {
      authenticationMode: found.accessConfig?.authenticationMode,
      bootstrapClusterCreatorAdminPermissions: flag(knownAccess, "bootstrapClusterCreatorAdminPermissions") ?? true,
    },
    arn: found.arn,
    bootstrapSelfManagedAddons: flag(known, "bootstrapSelfManagedAddons") ?? true,
    certificateAuthority: { data: found.certificateAuthority?.data },
    createdAt: timestamp(found.createdAt),
    deletionProtection: found.deletionProtection,
    enabledClusterLogTypes: found.logging?.clusterLogging
      ?.filter(({ enabled }) => enabled)
      .flatMap(({ types = [] }) => types),
    encryptionConfig: encryption && {
      provider: { keyArn: encryption.provider?.keyArn },
      resources: encryption.resources,
    },
    endpoint: found.endpoint,
    forceUpdateVersion: flag(known, "forceUpdateVersion"),
    identities: [{ oidcs: [{ issuer: found.identity?.oidc?.issuer }] }],
    kubernetesNetworkConfig: networkOutputs(found.kubernetesNetworkConfig),
    name: found.name,
    platformVersion: found.platformVersion,
    roleArn: found.roleArn,
    status: found.status,
    upgradePolicy: found.upgradePolicy && { supportType: found.upgradePolicy.supportType },
    version: found.version,
    vpcConfig: vpcOutputs(found.resourcesVpcConfig),
    zonalShiftConfig: found.zonalShiftConfig && { enabled: found.zonalShiftConfig.enabled },
  };
}

function networkOutputs(found: Cluster["kubernetesNetworkConfig"]): Outputs | undefined {
  return (
    found && {
      elasticLoadBalancing: found.elasticLoadBalancing && { enabled: found.elasticLoadBalancing.enabled },
      ipFamily: found.ipFamily,
      serviceIpv4Cidr: found.serviceIpv4Cidr,
      serviceIpv6Cidr: found.serviceIpv6Cidr,
    }
  );
}

function vpcOutputs(found: Cluster["resourcesVpcConfig"]): Outputs | undefined {
  return (
    found && {
      clusterSecurityGroupId: found.clusterSecurityGroupId,
      endpointPrivateAccess: found.endpointPrivateAccess,
      endpointPublicAccess: found.endpointPublicAccess,
      publicAccessCidrs: found.publicAccessCidrs,
      securityGroupIds: found.securityGroupIds,
      subnetIds: found.subnetIds,
      vpcId: found.vpcId,
    }
  );
}
