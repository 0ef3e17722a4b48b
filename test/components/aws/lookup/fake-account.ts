type Properties = Record<string, unknown>;

/** Results of the AWS provider's functions, by token. */
export type Functions = Record<string, (inputs: Properties) => Properties>;

export const ACCOUNT = "123456789012";
export const REGION = "ap-northeast-2";
export const ADMIN = `arn:aws:iam::${ACCOUNT}:role/admin`;
/** Of the cluster that is created in the account. */
export const CLUSTER_ENDPOINT = "https://0123456789ABCDEF.gr7.ap-northeast-2.eks.amazonaws.com";
export const CLUSTER_AUTHORITY = "LS0tLS1CRUdJTg==";

const GITHUB = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;

/** Results of DescribeInstanceTypes for the types in the stacks. */
const INSTANCE_TYPES: Record<string, Properties> = {
  "t3.medium": { defaultVcpus: 2, memorySize: 4096, maximumNetworkInterfaces: 3, maximumIpv4AddressesPerInterface: 6 },
  "m6i.large": { defaultVcpus: 2, memorySize: 8192, maximumNetworkInterfaces: 3, maximumIpv4AddressesPerInterface: 10 },
};

/**
 * An empty account, as its administrator sees it. Errors have the official plugin's wording.
 *
 * @param registry address of its image registry.
 */
export function accountFunctions(registry: string): Functions {
  return {
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      accountId: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/admin/me`,
      userId: "AROAEXAMPLE:me",
    }),
    "aws:iam/getSessionContext:getSessionContext": () => ({ issuerArn: ADMIN }),
    "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
      names: ["a", "b", "c", "d"].map((zone) => `${REGION}${zone}`),
    }),
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
      proxyEndpoint: `https://${registry}`,
      userName: "AWS",
      password: "token-of-a-few-hours",
    }),
    "aws:eks/getClusterVersions:getClusterVersions": () => ({
      clusterVersions: [
        offered("1.36", "STANDARD_SUPPORT", "2027-08-02"),
        offered("1.35", "STANDARD_SUPPORT", "2027-03-27"),
        offered("1.33", "EXTENDED_SUPPORT", "2026-07-29"),
      ],
    }),
    "aws:ec2/getInstanceType:getInstanceType": ({ instanceType }) => {
      const type = INSTANCE_TYPES[String(instanceType)];
      if (type === undefined) {
        throw new Error(
          `reading EC2 Instance Type (${instanceType}): operation error EC2: DescribeInstanceTypes, ` +
            `api error InvalidInstanceType: The following supplied instance types do not exist: [${instanceType}]`,
        );
      }
      return { instanceType, supportedArchitectures: ["x86_64"], hypervisor: "nitro", ...type };
    },
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": ({ filters }) => {
      const [{ values: types }] = filters as [{ values: string[] }];
      const places = types.flatMap((type) => ["a", "b", "c", "d"].map((zone) => [type, `${REGION}${zone}`]));
      return { instanceTypes: places.map(([type]) => type), locations: places.map(([, zone]) => zone) };
    },
    "aws:ssm/getParameter:getParameter": ({ name }) => ({ name, value: "ami-0123456789abcdef0" }),
    "aws:eks/getNodeGroups:getNodeGroups": ({ clusterName }) => {
      throw new Error(`reading EKS Node Groups: ResourceNotFoundException: No cluster found for name: ${clusterName}.`);
    },
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": () => ({ arn: GITHUB }),
  };
}

function offered(clusterVersion: string, versionStatus: string, endOfStandardSupportDate: string): Properties {
  return { clusterVersion, versionStatus, endOfStandardSupportDate: `${endOfStandardSupportDate}T00:00:00Z` };
}

const HERE = `${REGION}:${ACCOUNT}`;

/** ARNs of the types whose ARNs policies and checks look at. */
const ARNS: Record<string, (name: string, inputs: Properties) => string> = {
  "aws:cloudwatch/logGroup:LogGroup": (name) => `arn:aws:logs:${HERE}:log-group:${name}`,
  "aws:ecr/repository:Repository": (name) => `arn:aws:ecr:${HERE}:repository/${name}`,
  "aws:eks/cluster:Cluster": (name) => `arn:aws:eks:${HERE}:cluster/${name}`,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": () => GITHUB,
  "aws:iam/role:Role": (name, { path = "/" }) => `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
  "aws:kms/key:Key": (name) => `arn:aws:kms:${HERE}:key/${name}`,
  "aws:s3/bucket:Bucket": (name) => `arn:aws:s3:::${name}`,
};

/** Properties of a created resource: its inputs, a name, an ARN, and the outputs that the program uses. */
export function createdProperties(type: string, name: string, inputs: Properties): Properties {
  const [, service] = type.split(/[:/]/);
  const arn = ARNS[type]?.(String(inputs.name ?? name), inputs) ?? `arn:aws:${service}:${HERE}:${name}`;
  const own = { name, arn, ...inputs };
  switch (type) {
    case "aws:ec2/vpc:Vpc":
      return { ...own, region: REGION, ownerId: ACCOUNT };
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { ...own, latestVersion: 1 };
    case "aws:eks/cluster:Cluster":
      return {
        ...own,
        region: REGION,
        endpoint: CLUSTER_ENDPOINT,
        certificateAuthority: { data: CLUSTER_AUTHORITY },
        vpcConfig: { ...(inputs.vpcConfig as Properties), clusterSecurityGroupId: "sg-0123456789abcdef0" },
      };
    case "aws:eks/nodeGroup:NodeGroup":
      return { ...own, resources: [{ autoscalingGroups: [{ name: `eks-${name}` }] }] };
    case "aws:kms/key:Key":
      return { ...own, keyId: name };
    case "aws:lb/loadBalancer:LoadBalancer":
      return { ...own, dnsName: `${name}.elb.amazonaws.com` };
    case "aws:s3/bucket:Bucket":
      return { ...own, bucket: name };
    case "docker:index/image:Image":
      return { ...own, repoDigest: `built/${name}@sha256:${"b".repeat(64)}` };
    default:
      return own;
  }
}
