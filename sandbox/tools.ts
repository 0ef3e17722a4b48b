/** A tool that no package registry carries built, and that is therefore built from its Go module. */
export interface Tool {
  /** Names its folder in sandbox/toolchain/ and its binary. */
  name: string;
  /** Package with the `main`, as `go build` takes it. */
  package: string;
  /** The version that go.mod pins; shown to users, and linked in where the tool reports it. */
  version: string;
  /** Linker variables (`-X`). @default - none */
  variables?: Record<string, string>;
  /** Names by which one binary of several commands is called. @default - the tool's own name */
  commands?: string[];
  /** How one that is installed already tells its version. @default - one that is installed is never used */
  versionArgs?: string[];
  /** Built with the platform, or when a stack that lives in AWS is deployed first. @default "platform" */
  wantedBy?: "platform" | "aws";
}

const kubernetesVersion = "1.34.4";
const pulumiVersion = "3.255.0";
const helmVersion = "3.19.0";
const traefikVersion = "3.6.0";
const deschedulerVersion = "0.36.0";

const kubernetesVariables = (prefix: string): Record<string, string> => ({
  [`${prefix}.gitVersion`]: `v${kubernetesVersion}`,
  [`${prefix}.gitMajor`]: "1",
  [`${prefix}.gitMinor`]: "34",
});

/** In the order in which they are built: what the cluster needs to start comes first. */
export const tools = {
  kubernetes: {
    name: "kubernetes",
    package: ".",
    version: kubernetesVersion,
    variables: {
      ...kubernetesVariables("k8s.io/component-base/version"),
      "k8s.io/component-base/version.gitTreeState": "clean",
      ...kubernetesVariables("k8s.io/client-go/pkg/version"),
    },
    commands: [
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kube-proxy",
      "kubelet",
      "kubectl",
    ],
  },
  coredns: { name: "coredns", package: ".", version: "1.12.4" },
  pause: { name: "pause", package: ".", version: "3.10.0" },
  helm: {
    name: "helm",
    package: "helm.sh/helm/v3/cmd/helm",
    version: helmVersion,
    variables: {
      "helm.sh/helm/v3/internal/version.version": `v${helmVersion}`,
      // What `helm template` takes for the cluster's version when it is told none.
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "34",
    },
    versionArgs: ["version", "--template", "{{.Version}}"],
  },
  pulumi: {
    name: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version: pulumiVersion,
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}` },
    versionArgs: ["version"],
  },
  "metrics-server": {
    name: "metrics-server",
    package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
    version: "0.9.0",
  },
  traefik: {
    name: "traefik",
    package: "github.com/traefik/traefik/v3/cmd/traefik",
    version: traefikVersion,
    variables: { "github.com/traefik/traefik/v3/pkg/version.Version": `v${traefikVersion}` },
  },
  actionlint: { name: "actionlint", package: "github.com/rhysd/actionlint/cmd/actionlint", version: "1.7.7" },
  kubeconform: { name: "kubeconform", package: "github.com/yannh/kubeconform/cmd/kubeconform", version: "0.7.0" },
  descheduler: {
    name: "descheduler",
    package: "sigs.k8s.io/descheduler/cmd/descheduler",
    version: deschedulerVersion,
    variables: { "sigs.k8s.io/descheduler/pkg/version.version": `v${deschedulerVersion}` },
    wantedBy: "aws",
  },
  "kube-score": { name: "kube-score", package: "github.com/zegl/kube-score/cmd/kube-score", version: "1.20.0" },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** The tools that the platform, or what stacks in AWS add to it, is made of. */
export function toolsWantedBy(whom: "platform" | "aws"): ToolName[] {
  return (Object.keys(tools) as ToolName[]).filter((name) => ((tools[name] as Tool).wantedBy ?? "platform") === whom);
}

/**
 * Whether an installed tool may stand in for the pinned one: the same major and minor version.
 * @param reported what the tool prints of itself, with or without a leading "v" and what follows.
 */
export function fits(reported: string, pinned: string): boolean {
  const minorOf = (version: string): string | undefined => /^v?(\d+\.\d+)\.\d+/.exec(version.trim())?.[1];
  return minorOf(reported) !== undefined && minorOf(reported) === minorOf(pinned);
}
