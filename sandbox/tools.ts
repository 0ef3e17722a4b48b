/** A command-line tool or server that is built from its Go module, because no package registry has it as a binary. */
export interface Tool {
  /** Names the built file. */
  name: string;
  /** The package with the `main`, as `go build` takes it. */
  package: string;
  /** The version that go.mod pins. Shown to users, and linked in where the tool reports it. */
  version: string;
  /** Folder in sandbox/toolchain/ with the go.mod. @default - the tool's name */
  module?: string;
  /**
   * - `shared`: those that sandbox/toolchain/go.work selects for all tools, so that what they have in common is compiled once.
   * - `own`: those of the module's own go.mod, for a tool that must be built exactly as its authors build it, or that does
   *   not compile with newer versions.
   * @default "shared"
   */
  dependencies?: "shared" | "own";
  /** Files that main.go embeds and that come from a dependency: name beside main.go, by path in that module. @default - none */
  embedded?: { module: string; files: Record<string, string> };
  /** Linker variables (`-X`). @default - none */
  variables?: Record<string, string>;
  /** Names of the commands that the one binary holds. @default - the tool's name */
  commands?: string[];
  /**
   * Folder of links to the commands. Plugins are not on PATH: the engine would prefer one there to the one it is given, and warn.
   * @default "bin"
   */
  links?: "bin" | "plugins";
  /** Arguments that make an installed copy print its version. @default - an installed copy is never used */
  versionArgs?: string[];
  /**
   * Who needs it first: every start of the platform, a stack in the emulated AWS, a stack with blue/green or canary rollouts, a stack
   * with an Argo CD of its own, or `npm test`. It is built then.
   * @default "platform"
   */
  neededBy?: "platform" | "aws" | "strategies" | "gitops" | "tests";
}

const kubernetesVersion = "1.36.3";
const pulumiVersion = "3.276.0";
/** Built from the commit of this release, which npm's @pulumi/kubernetes is pinned to: see docs/decisions/plugin-stand-ins.md. */
const kubernetesPluginVersion = "4.25.0";
/** The Helm that the plugin has inside: what `helm template` renders in tests is what the plugin renders. */
const helmVersion = "3.18.6";
const traefikVersion = "3.6.7";
/** Newer ones ask for a newer Go. */
const argoRolloutsVersion = "1.10.1";
/** 3.2.12 does not compile from its module, and later ones need a gitops-engine that is in no module. */
const argoCdVersion = "3.2.11";
const deschedulerVersion = "0.36.0";

const kubernetesVariables = (prefix: string): Record<string, string> => ({
  [`${prefix}.gitVersion`]: `v${kubernetesVersion}`,
  [`${prefix}.gitMajor`]: "1",
  [`${prefix}.gitMinor`]: "36",
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
  coredns: { name: "coredns", package: ".", version: "1.14.7" },
  "kube-network-policies": {
    name: "kube-network-policies",
    package: ".",
    version: "0.8.0",
    // It asks for versions that the others do not have: with shared ones, nearly all of Kubernetes would be compiled again.
    dependencies: "own",
  },
  pause: { name: "pause", package: ".", version: "3.10.0" },
  pulumi: {
    name: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version: pulumiVersion,
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}` },
    versionArgs: ["version"],
  },
  "pulumi-resource-kubernetes": {
    name: "pulumi-resource-kubernetes",
    package: ".",
    version: kubernetesPluginVersion,
    module: "pulumi-kubernetes",
    dependencies: "own",
    links: "plugins",
    embedded: {
      module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
      files: {
        "schema.json": "cmd/pulumi-resource-kubernetes/schema.json",
        "terraform-mapping.json": "cmd/pulumi-resource-kubernetes/terraform-mapping.json",
      },
    },
    variables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": kubernetesPluginVersion },
  },
  helm: {
    name: "helm",
    package: "helm.sh/helm/v3/cmd/helm",
    version: helmVersion,
    module: "pulumi-kubernetes",
    dependencies: "own",
    variables: {
      "helm.sh/helm/v3/internal/version.version": `v${helmVersion}`,
      // The cluster version that `helm template` assumes.
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "36",
    },
    versionArgs: ["version", "--template", "{{.Version}}"],
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
    dependencies: "own",
    variables: { "github.com/traefik/traefik/v3/pkg/version.Version": `v${traefikVersion}` },
  },
  descheduler: {
    name: "descheduler",
    package: "sigs.k8s.io/descheduler/cmd/descheduler",
    version: deschedulerVersion,
    variables: { "sigs.k8s.io/descheduler/pkg/version.version": `v${deschedulerVersion}` },
    neededBy: "aws",
  },
  "argo-rollouts": {
    name: "argo-rollouts",
    package: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
    version: argoRolloutsVersion,
    // It is written for the libraries of Kubernetes 1.34.
    dependencies: "own",
    variables: { "github.com/argoproj/argo-rollouts/utils/version.version": `v${argoRolloutsVersion}` },
    neededBy: "strategies",
  },
  "argo-cd": {
    name: "argo-cd",
    package: "github.com/argoproj/argo-cd/v3/cmd",
    version: argoCdVersion,
    // It is written for the libraries of Kubernetes 1.34.
    dependencies: "own",
    variables: { "github.com/argoproj/argo-cd/v3/common.version": argoCdVersion },
    neededBy: "gitops",
  },
  actionlint: {
    name: "actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    version: "1.7.12",
    dependencies: "own",
    neededBy: "tests",
  },
  kubeconform: {
    name: "kubeconform",
    package: "github.com/yannh/kubeconform/cmd/kubeconform",
    version: "0.8.0",
    neededBy: "tests",
  },
  "kube-score": {
    name: "kube-score",
    package: "github.com/zegl/kube-score/cmd/kube-score",
    version: "1.20.0",
    dependencies: "own",
    neededBy: "tests",
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** The tools that are first needed by the platform, by stacks in the emulated AWS, or by the tests. */
export function toolsNeededBy(user: NonNullable<Tool["neededBy"]>): ToolName[] {
  return (Object.keys(tools) as ToolName[]).filter((name) => ((tools[name] as Tool).neededBy ?? "platform") === user);
}

/**
 * Whether an installed tool can be used in place of the pinned one: the same major and minor version.
 * @param reported the version that the tool prints, with or without a leading "v" and a suffix.
 */
export function fits(reported: string, pinned: string): boolean {
  const minorOf = (version: string): string | undefined => /^v?(\d+\.\d+)\.\d+/.exec(version.trim())?.[1];
  return minorOf(reported) !== undefined && minorOf(reported) === minorOf(pinned);
}
