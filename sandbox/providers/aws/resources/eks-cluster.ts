import * as eks from "@aws-sdk/client-eks";
import type { Plain } from "../../protocol/value.ts";
import type { Change } from "../declaration.ts";
import { declared } from "../declared-resource.ts";
import { toRequest } from "../mapping.ts";
import { object, texts } from "../props.ts";
import type { InputRule } from "../resource.ts";
import { eksService } from "../services.ts";
import { eksStates, settleUpdate } from "./eks-waits.ts";

interface LogSetup {
  enabled?: boolean;
  types?: eks.LogType[];
}

/** Every type of log is named, so that those left out are switched off. */
function logging(given: Plain | undefined): { clusterLogging: LogSetup[] } {
  const on = Array.isArray(given) ? given.map(String) : [];
  const all = Object.values(eks.LogType);
  return {
    clusterLogging: [
      { enabled: true, types: all.filter((type) => on.includes(type)) },
      { enabled: false, types: all.filter((type) => !on.includes(type)) },
    ],
  };
}

const vpcFields: Record<string, InputRule> = {
  clusterSecurityGroupId: { output: true },
  endpointPrivateAccess: { default: false },
  endpointPublicAccess: { default: true },
  publicAccessCidrs: { computed: true, set: true },
  subnetIds: { required: true, set: true },
};

/** In the cloud, without Auto Mode. */
export const cluster = declared(eksService, {
  tagged: true,
  autonameLimit: 100,
  identity: "name",
  inputs: {
    accessConfig: {
      required: true,
      fields: {
        authenticationMode: { required: true, allowed: Object.values(eks.AuthenticationMode) },
        bootstrapClusterCreatorAdminPermissions: { default: true, forcesNew: true, returned: false },
      },
    },
    bootstrapSelfManagedAddons: { default: true, forcesNew: true, returned: false },
    deletionProtection: { computed: true },
    enabledClusterLogTypes: {
      set: true,
      allowed: Object.values(eks.LogType),
      api: "logging",
      write: logging,
      parse: (found) =>
        (found as { clusterLogging?: LogSetup[] } | undefined)?.clusterLogging
          ?.filter(({ enabled }) => enabled)
          .flatMap(({ types = [] }) => types),
    },
    encryptionConfig: {
      required: true,
      api: "encryptionConfig[0]",
      fields: {
        provider: { required: true, fields: { keyArn: { required: true } } },
        resources: { required: true, set: true },
      },
    },
    kubernetesNetworkConfig: {
      required: true,
      fields: { serviceIpv4Cidr: { required: true, forcesNew: true } },
    },
    name: { forcesNew: true, computed: true },
    roleArn: { required: true, forcesNew: true },
    upgradePolicy: {
      required: true,
      fields: { supportType: { required: true, allowed: Object.values(eks.SupportType) } },
    },
    version: { required: true },
    vpcConfig: { required: true, api: "resourcesVpcConfig", fields: vpcFields },
  },
  outputs: {
    arn: "arn",
    certificateAuthority: (found) => ({ data: (found.certificateAuthority as { data?: string } | undefined)?.data }),
    endpoint: "endpoint",
  },
  create: eks.CreateClusterCommand,
  id: ({ name }) => String(name),
  read: { command: eks.DescribeClusterCommand, found: "cluster" },
  update: [
    {
      on: ["encryptionConfig"],
      calls() {
        throw new Error(
          "EKS can neither end the encryption of secrets nor take another key for it; create a new cluster",
        );
      },
    },
    { on: ["version"], command: eks.UpdateClusterVersionCommand },
    // EKS takes one kind of change at a time.
    { on: ["accessConfig"], command: eks.UpdateClusterConfigCommand },
    { on: ["deletionProtection"], command: eks.UpdateClusterConfigCommand },
    { on: ["enabledClusterLogTypes"], command: eks.UpdateClusterConfigCommand },
    { on: ["upgradePolicy"], command: eks.UpdateClusterConfigCommand },
    { on: ["vpcConfig"], calls: vpcChanges },
  ],
  settle: (answer, change) => settleUpdate(answer, change, { name: change.id }, 60 * 60),
  delete: eks.DeleteClusterCommand,
  states: { ...eksStates("cluster"), seconds: { create: 30 * 60, delete: 15 * 60 } },
});

/** Who reaches the API and where the control plane is are two changes. */
function vpcChanges({ id: name, props, old }: Change): eks.UpdateClusterConfigCommand[] {
  const [next, before] = [object(props, "vpcConfig") ?? {}, object(old, "vpcConfig") ?? {}];
  const differs = (key: string) => {
    const [a, b] = [before, next].map((vpc) => JSON.stringify(texts(vpc, key)?.sort() ?? vpc[key]));
    return next[key] !== undefined && a !== b;
  };
  const { subnetIds: _, ...accessFields } = vpcFields;
  const access = Object.keys(accessFields).some(differs) ? [toRequest(accessFields, next, "camel")] : [];
  const subnets = differs("subnetIds") ? [{ subnetIds: texts(next, "subnetIds") }] : [];
  return [...access, ...subnets].map(
    (resourcesVpcConfig) => new eks.UpdateClusterConfigCommand({ name, resourcesVpcConfig }),
  );
}
