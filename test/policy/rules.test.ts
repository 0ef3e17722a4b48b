import type { KubernetesObject } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { POLICY_RULES, type PolicyRule } from "../../config/policy-rules.ts";
import type { DeclaredResource } from "../../policy/rule.ts";
import { RULES } from "../../policy/rules/index.ts";
import { violationsOf } from "../../policy/violations.ts";
import { deployment, ofRelease, pod } from "./objects.ts";

const RESTRICTED = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const messages = (rule: PolicyRule, objects: KubernetesObject[], extent?: "one") =>
  violationsOf(objects, extent)
    .filter((violation) => violation.rule === rule)
    .map(({ message }) => message);

const judge = (name: PolicyRule, type: string, props: object, rest: Partial<DeclaredResource> = {}) =>
  RULES.find((rule) => rule.name === name)?.resource?.({
    type,
    name: "x",
    props: props as DeclaredResource["props"],
    protect: false,
    ...rest,
  });

it("has a rule for each name that an exception may have", () => {
  expect(RULES.map(({ name }) => name)).toEqual([...POLICY_RULES]);
});

it("finds nothing in a release that keeps all rules", () => {
  expect(violationsOf(ofRelease())).toEqual([]);
});

describe("objects of Kubernetes", () => {
  it.each<[PolicyRule, object, RegExp]>([
    ["resources", { resources: { requests: { cpu: "1", memory: "1Gi" } } }, /container web has no limits\.memory/],
    ["resources", { resources: undefined }, /no requests\.cpu, requests\.memory, limits\.memory/],
    ["probes", { readinessProbe: undefined }, /container web listens and has no readinessProbe/],
    ["probes", { livenessProbe: undefined }, /no livenessProbe/],
    ["image-digest", { image: "registry.example.com/shop:v1" }, /has the image registry\.example\.com\/shop:v1/],
    ["pod-security", { securityContext: {} }, /set allowPrivilegeEscalation: false/],
    ["pod-security", { securityContext: { privileged: true } }, /privileged is set/],
    ["pod-security", { securityContext: { capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } } }, /SYS_ADMIN/],
    ["pod-security", { securityContext: { runAsUser: 0 } }, /runAsUser is 0/],
    ["pod-security", { ports: [{ containerPort: 80, hostPort: 80 }] }, /hostPort/],
    ["pod-security", { securityContext: { procMount: "Unmasked" } }, /procMount is Unmasked/],
    ["pod-security", { securityContext: { seLinuxOptions: { type: "spc_t" } } }, /seLinuxOptions.type is spc_t/],
    ["pod-security", { securityContext: { appArmorProfile: { type: "Unconfined" } } }, /appArmorProfile.type/],
    ["plaintext-secrets", { env: [{ name: "DB_PASSWORD", value: "onions-and-leeks" }] }, /DB_PASSWORD holds a secret/],
    ["plaintext-secrets", { env: [{ name: "DATABASE", value: "mysql://shop:onions@db/shop" }] }, /password in a URL/],
  ])("%s: a container with %j breaks it", (rule, container, message) => {
    expect(messages(rule, ofRelease({ container })).join("\n")).toMatch(message);
  });

  it.each<[object]>([
    [{ hostNetwork: true }],
    [{ hostPID: true }],
    [{ volumes: [{ name: "node", hostPath: { path: "/" } }] }],
    [{ securityContext: { seccompProfile: { type: "Unconfined" }, runAsNonRoot: true } }],
    [{ securityContext: { seccompProfile: { type: "RuntimeDefault" } } }],
    [{ securityContext: { ...RESTRICTED, sysctls: [{ name: "kernel.msgmax", value: "1" }] } }],
    [{ securityContext: { ...RESTRICTED, seLinuxOptions: { user: "root" } } }],
    [{ securityContext: { ...RESTRICTED, windowsOptions: { hostProcess: true } } }],
  ])("pod-security: a pod with %j breaks it", (spec) => {
    expect(messages("pod-security", ofRelease({ spec }))).toHaveLength(1);
  });

  it("pod-security: allows each kind of volume that the standard allows", () => {
    const volumes = [
      { name: "model", image: { reference: "registry.example.com/model" } },
      { name: "tmp", emptyDir: {} },
    ];
    expect(messages("pod-security", ofRelease({ spec: { volumes } }))).toEqual([]);
  });

  it("judges init containers, and the pods of CronJobs", () => {
    const spec = { initContainers: [{ name: "first", image: "busybox" }] };
    expect(messages("image-digest", ofRelease({ spec }))).toEqual([expect.stringMatching(/container first/)]);
    const job = { spec: { template: { spec: pod({ image: "busybox" }) } } };
    const cron = { kind: "CronJob", metadata: { name: "nightly" }, spec: { jobTemplate: job } } as KubernetesObject;
    expect(messages("image-digest", [cron])).toEqual([expect.stringMatching(/^CronJob nightly: /)]);
  });

  it("needs no probes of a container that does not listen", () => {
    const container = { ports: [], readinessProbe: undefined, livenessProbe: undefined };
    expect(messages("probes", ofRelease({ container }))).toEqual([]);
  });

  it("needs two pods of what answers requests, whoever sets their number", () => {
    const scaler = (minReplicas?: number) => ({
      kind: "HorizontalPodAutoscaler",
      spec: { scaleTargetRef: { name: "web" }, minReplicas },
    });
    const scaled = deployment({ replicas: undefined });
    expect(messages("replicas", [deployment({ replicas: 1 })])).toEqual([
      expect.stringMatching(/has one pod at least/),
    ]);
    expect(messages("replicas", [scaled])).toHaveLength(1);
    expect(messages("replicas", [scaled, scaler()])).toHaveLength(1);
    expect(messages("replicas", [scaled, scaler(1)])).toHaveLength(1);
    expect(messages("replicas", [scaled, scaler(2)])).toEqual([]);
    expect(messages("replicas", [deployment({ replicas: 2 })])).toEqual([]);
  });

  it("lets alone what must not run twice, what does not listen, and an object whose scaler is not known", () => {
    expect(messages("replicas", [deployment({ replicas: 1, strategy: { type: "Recreate" } })])).toEqual([]);
    expect(messages("replicas", [deployment({ replicas: 1, container: { ports: [] } })])).toEqual([]);
    expect(messages("replicas", [deployment({ replicas: undefined })], "one")).toEqual([]);
  });

  it("needs a budget that selects the pods", () => {
    const budget = (app: string) => ({ kind: "PodDisruptionBudget", spec: { selector: { matchLabels: { app } } } });
    const web = deployment({ replicas: 2 });
    expect(messages("disruption-budget", [web])).toEqual([expect.stringMatching(/no PodDisruptionBudget/)]);
    expect(messages("disruption-budget", [web, budget("api")])).toHaveLength(1);
    expect(messages("disruption-budget", [web, budget("web")])).toEqual([]);
    expect(messages("disruption-budget", [web], "one")).toEqual([]);
  });

  it("needs pods to be spread over nodes and zones", () => {
    const hosts = [{ topologyKey: "kubernetes.io/hostname" }];
    expect(messages("spread", [deployment({ spec: { topologySpreadConstraints: hosts } })])).toEqual([
      expect.stringMatching(/not spread over topology\.kubernetes\.io\/zone/),
    ]);
    const podAffinityTerm = { topologyKey: "topology.kubernetes.io/zone" };
    const affinity = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm }] } };
    expect(messages("spread", [deployment({ spec: { topologySpreadConstraints: hosts, affinity } })])).toEqual([]);
    expect(messages("spread", [deployment({ replicas: 1, spec: { topologySpreadConstraints: [] } })])).toEqual([]);
  });

  it("finds secrets in ConfigMaps, and takes references, paths and switches for what they are", () => {
    const map = (data: object) => [{ kind: "ConfigMap", metadata: { name: "web" }, data } as KubernetesObject];
    const bad = {
      KEY: "-----BEGIN RSA PRIVATE KEY-----\nMII",
      AWS: "AKIAIOSFODNN7EXAMPLE",
      GIT: `ghp_${"a1".repeat(18)}`,
      "app.yaml": "url: postgres://shop:onions@db/shop",
      CLIENT_SECRET: "onions",
    };
    expect(messages("plaintext-secrets", map(bad))).toHaveLength(Object.keys(bad).length);
    expect(messages("plaintext-secrets", map(bad)).join()).not.toMatch(/onions|AKIA|MII/);
    const good = {
      DATABASE_URL: "postgres://$(USER):$(PASSWORD)@db/shop",
      PASSWORD: "$(OTHER)",
      PASSWORD_FILE: "/run/secrets/password",
      API_KEY: "/etc/key",
      TOKEN_TTL: "3600",
      URL: "https://shop.example.com:8443/a@b",
    };
    expect(messages("plaintext-secrets", map(good))).toEqual([]);
  });

  it("needs a load balancer to name who may reach it, and volumes to be encrypted", () => {
    const service = (spec: object, annotations = {}) => [
      {
        kind: "Service",
        metadata: { name: "web", annotations },
        spec: { type: "LoadBalancer", ...spec },
      } as KubernetesObject,
    ];
    expect(messages("public-endpoints", service({}))).toHaveLength(1);
    expect(messages("public-endpoints", service({ loadBalancerSourceRanges: ["0.0.0.0/0"] }))).toHaveLength(1);
    expect(messages("public-endpoints", service({ loadBalancerSourceRanges: ["203.0.113.0/24"] }))).toEqual([]);
    expect(messages("public-endpoints", service({ type: "ClusterIP" }))).toEqual([]);
    const scheme = "service.beta.kubernetes.io/aws-load-balancer-scheme";
    expect(messages("public-endpoints", service({}, { [scheme]: "internal" }))).toEqual([]);
    const storage = (encrypted?: string) => [
      { kind: "StorageClass", provisioner: "ebs.csi.aws.com", parameters: { encrypted } } as KubernetesObject,
    ];
    expect(messages("encryption", storage())).toHaveLength(1);
    expect(messages("encryption", storage("true"))).toEqual([]);
  });
});

const release = "kubernetes:helm.sh/v3:Release";
const role = "aws:iam/rolePolicy:RolePolicy";
const policy = (statement: object) => ({ policy: JSON.stringify({ Statement: [{ Effect: "Allow", ...statement }] }) });
const cidr = { cidrIpv4: "0.0.0.0/0" };

describe("resources of the engine", () => {
  it.each<[PolicyRule, string, object, object]>([
    ["image-digest", release, { values: { image: `a@sha256:${"1".repeat(64)}` } }, { values: { image: "a:v1" } }],
    [
      "plaintext-secrets",
      release,
      { values: { variables: [{ name: "PASSWORD", from: "secret" }], secretName: "api-1" } },
      { values: { variables: [{ name: "PASSWORD", value: "onions" }] } },
    ],
    [
      "iam-wildcards",
      role,
      policy({ Action: ["s3:GetObject"], Resource: "arn:aws:s3:::shop/*" }),
      policy({ Action: "*", Resource: "arn:aws:s3:::shop/*" }),
    ],
    [
      "iam-wildcards",
      role,
      policy({ Action: "ec2:Describe*", Resource: "*" }),
      policy({ Action: ["iam:*"], Resource: "arn" }),
    ],
    [
      "iam-wildcards",
      role,
      policy({ Action: "ec2:RunInstances", Resource: "*", Condition: { StringEquals: {} } }),
      policy({ Action: "ec2:RunInstances", Resource: "*" }),
    ],
    [
      "iam-wildcards",
      "aws:iam/role:Role",
      { assumeRolePolicy: policy({ Principal: { Service: "eks.amazonaws.com" } }).policy },
      { assumeRolePolicy: policy({ Principal: { AWS: "*" } }).policy },
    ],
    [
      "iam-wildcards",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      { policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy" },
      { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    ],
    ["iam-wildcards", role, policy({ Effect: "Deny", NotAction: "sts:*" }), policy({ NotAction: "iam:*" })],
    ["encryption", "aws:ebs/volume:Volume", { encrypted: true }, {}],
    ["encryption", "aws:rds/instance:Instance", { storageEncrypted: true }, { storageEncrypted: false }],
    ["encryption", "aws:cloudwatch/logGroup:LogGroup", { kmsKeyId: "arn" }, {}],
    ["encryption", "aws:ecr/repository:Repository", { encryptionConfigurations: [{ encryptionType: "KMS" }] }, {}],
    ["encryption", "aws:eks/cluster:Cluster", { encryptionConfig: { resources: ["secrets"] } }, {}],
    [
      "encryption",
      "aws:ec2/launchTemplate:LaunchTemplate",
      { blockDeviceMappings: [{ ebs: { encrypted: "true" } }] },
      { blockDeviceMappings: [{ ebs: {} }] },
    ],
    [
      "public-endpoints",
      "aws:eks/cluster:Cluster",
      { vpcConfig: { publicAccessCidrs: ["203.0.113.0/24"] } },
      { vpcConfig: { endpointPublicAccess: true } },
    ],
    [
      "public-endpoints",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      { ...cidr, fromPort: 443, toPort: 443 },
      { ...cidr, fromPort: 22, toPort: 22 },
    ],
    [
      "public-endpoints",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      { cidrIpv4: "10.0.0.0/8", ipProtocol: "-1" },
      { ...cidr, ipProtocol: "-1" },
    ],
    [
      "public-endpoints",
      "aws:ec2/securityGroup:SecurityGroup",
      { ingress: [{ cidrBlocks: ["0.0.0.0/0"], fromPort: 80, toPort: 80 }] },
      { ingress: [{ cidrBlocks: ["0.0.0.0/0"], fromPort: 80, toPort: 443 }] },
    ],
    [
      "public-endpoints",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      { blockPublicAcls: true },
    ],
    ["public-endpoints", "aws:rds/instance:Instance", {}, { publiclyAccessible: true }],
    ["imdsv2", "aws:ec2/launchTemplate:LaunchTemplate", { metadataOptions: { httpTokens: "required" } }, {}],
    ["imdsv2", "aws:ec2/instance:Instance", { metadataOptions: { httpEndpoint: "disabled" } }, {}],
    ["immutable-tags", "aws:ecr/repository:Repository", { imageTagMutability: "IMMUTABLE" }, {}],
  ])("%s: judges %s", (rule, type, good, bad) => {
    expect(judge(rule, type, good)).toEqual([]);
    expect(judge(rule, type, bad)).toHaveLength(1);
    expect(judge(rule, "aws:other/thing:Thing", { ...bad, policyArn: undefined })).toEqual([]);
  });

  it.each(["aws:eks/cluster:Cluster", "aws:ecr/repository:Repository", "aws:s3/bucket:Bucket", "aws:kms/key:Key"])(
    "protected-data: %s must be protected",
    (type) => {
      expect(judge("protected-data", type, {}, { protect: true })).toEqual([]);
      expect(judge("protected-data", type, {})).toEqual([expect.stringMatching(/protect: true/)]);
    },
  );
});
