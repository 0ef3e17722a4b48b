import type {
  AuthenticationMode,
  CreateAccessConfigRequest,
  EncryptionConfig,
  IpFamily,
  KubernetesNetworkConfigRequest,
  Logging,
  LogType,
  SupportType,
  UpgradePolicyRequest,
  VpcConfigRequest,
  ZonalShiftConfigRequest,
} from "@aws-sdk/client-eks";
import { flag, object, requiredText, text, texts } from "./props.ts";
import type { Props } from "./resource.ts";

const LOG_TYPES: LogType[] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** The network of a cluster that is to be made. */
export function vpcConfig(props: Props): VpcConfigRequest {
  const vpc = object(props, "vpcConfig") ?? {};
  return { ...vpcAccess(vpc), securityGroupIds: texts(vpc, "securityGroupIds"), subnetIds: texts(vpc, "subnetIds") };
}

/** Who reaches the API, of a `vpcConfig`: the part of it that is changed in one request. */
export function vpcAccess(vpc: Props): VpcConfigRequest {
  return {
    endpointPrivateAccess: flag(vpc, "endpointPrivateAccess"),
    endpointPublicAccess: flag(vpc, "endpointPublicAccess"),
    publicAccessCidrs: texts(vpc, "publicAccessCidrs"),
  };
}

export function accessConfig(props: Props): CreateAccessConfigRequest | undefined {
  const access = object(props, "accessConfig");
  return (
    access && {
      authenticationMode: text(access, "authenticationMode") as AuthenticationMode | undefined,
      bootstrapClusterCreatorAdminPermissions: flag(access, "bootstrapClusterCreatorAdminPermissions"),
    }
  );
}

export function encryptionConfig(props: Props): EncryptionConfig[] | undefined {
  const encryption = object(props, "encryptionConfig");
  if (!encryption) return undefined;
  const keyArn = requiredText(object(encryption, "provider") ?? {}, "keyArn");
  return [{ provider: { keyArn }, resources: texts(encryption, "resources") }];
}

export function networkConfig(props: Props): KubernetesNetworkConfigRequest | undefined {
  const network = object(props, "kubernetesNetworkConfig");
  return (
    network && {
      ipFamily: text(network, "ipFamily") as IpFamily | undefined,
      serviceIpv4Cidr: text(network, "serviceIpv4Cidr"),
    }
  );
}

/** Every type of log is named, so that those left out are switched off. */
export function logging(props: Props): Logging {
  const on = texts(props, "enabledClusterLogTypes") ?? [];
  return {
    clusterLogging: [
      { enabled: true, types: LOG_TYPES.filter((type) => on.includes(type)) },
      { enabled: false, types: LOG_TYPES.filter((type) => !on.includes(type)) },
    ],
  };
}

export function upgradePolicy(props: Props): UpgradePolicyRequest | undefined {
  const policy = object(props, "upgradePolicy");
  return policy && { supportType: text(policy, "supportType") as SupportType | undefined };
}

export function zonalShiftConfig(props: Props): ZonalShiftConfigRequest | undefined {
  const shift = object(props, "zonalShiftConfig");
  return shift && { enabled: flag(shift, "enabled") };
}
