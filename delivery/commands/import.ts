import { relative, resolve } from "node:path";
import { ConfigError, valueAt } from "../../config/fault.ts";
import { readShared } from "../../config/read.ts";
import { connectContext } from "../cluster.ts";
import { Failure } from "../failure.ts";
import { readCluster } from "../import/cluster-manifests.ts";
import { configFiles } from "../import/config-files.ts";
import { type ImportedEnvironment, imagesOf, importEnvironment } from "../import/environment-services.ts";
import { secretCommands, together } from "../import/findings.ts";
import { digestsOf } from "../import/image.ts";
import { formatReport, type Report } from "../import/report.ts";
import { type NamedPath, readSources, type Source } from "../import/sources.ts";
import { writeNewFiles } from "../import/write-new-files.ts";
import { type CommonOptions, info, printResult, warn } from "../output.ts";

export interface ImportOptions extends CommonOptions {
  /** Environments, each with its manifests, or with values for the charts. From a cluster: a name. @default - one without a name */
  env?: NamedPath[];
  /** Folder for the files. @default - they are printed */
  out?: string;
  /** Folders of Dockerfiles, by the service's name. */
  build?: NamedPath[];
  /** New names of services, by the old ones. */
  rename?: NamedPath[];
  /** Namespace of the ingress controller that serves the hosts today. @default - another one will serve them */
  ingressNamespace?: string;
  /** Whether registries are asked for the digests of tags. */
  digests: boolean;
  fromCluster?: boolean;
  namespace?: string;
  /** Context of the kubeconfig. @default - the current one */
  context?: string;
}

const REPORT = "import.md";

/**
 * Writes the services that manifests describe, what differs between environments, and a list of what could not be carried over.
 *
 * @param paths files and folders, or - for standard input
 * @throws Failure if something cannot be read, or if what would be written is no valid config
 */
export async function importServices(paths: readonly string[], options: ImportOptions, root: string): Promise<void> {
  const { sources, running } = options.fromCluster ? await readLive(paths, options) : await readFiles(paths, options);
  const images = sources.flatMap(({ manifests }) => imagesOf(manifests));
  if (images.length === 0) {
    throw new Failure(
      "import: there is no Deployment, StatefulSet or CronJob, so there is no service. Name the files that have them.",
    );
  }
  const unknown = images.filter((image) => !running.has(image));
  const asked = options.digests ? await digestsOf(unknown) : new Map();
  const settings = {
    builds: Object.fromEntries(options.build ?? []),
    renames: Object.fromEntries(options.rename ?? []),
    ingressNamespace: options.ingressNamespace,
    digests: new Map([...asked, ...running]),
  };
  try {
    const environments = sources.map(({ name, manifests }) => importEnvironment(name, manifests, settings));
    const report = reportOf(environments);
    requireKnown("--build", options.build, report.services);
    const before = environments.flatMap(({ namesBefore }) => namesBefore);
    requireKnown("--rename", options.rename, before);
    const files = configFiles(environments);
    show(files, report, options, root);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(error.message);
  }
}

/** @throws Failure for the name of a service that there is not */
function requireKnown(option: string, given: readonly NamedPath[] = [], known: readonly string[]): void {
  const [unknown] = given.filter(([name]) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Failure(
    `import: ${option} ${unknown.join("=")}: there is no such service. There are ${[...new Set(known)].sort().join(", ")}. Nothing was written.`,
  );
}

interface Read {
  sources: Source[];
  /** Digests that are known without a registry, by image. */
  running: Map<string, { digest: string }>;
}

async function readFiles(paths: readonly string[], { env = [], namespace, context }: ImportOptions): Promise<Read> {
  if (namespace !== undefined || context !== undefined) {
    throw new Failure("import: --namespace and --context are for --from-cluster. Leave them out.");
  }
  if (paths.length === 0 && env.length === 0) {
    throw new Failure("import: name a folder or files with manifests, - for standard input, or --from-cluster.");
  }
  const nameless = env.find(([, path]) => path === "");
  if (nameless) throw new Failure(`import: --env ${nameless[0]}: write --env ${nameless[0]}=<file or folder>.`);
  return { sources: await readSources(paths, env), running: new Map() };
}

async function readLive(paths: readonly string[], { env = [], namespace, context }: ImportOptions): Promise<Read> {
  const [first, ...others] = env;
  if (namespace === undefined) throw new Failure("import: --from-cluster needs --namespace <name>: what to read.");
  if (paths.length > 0 || others.length > 0 || (first !== undefined && first[1] !== "")) {
    throw new Failure(
      "import: --from-cluster reads one environment, without files. Name it with --env <name>, or not at all.",
    );
  }
  const { manifests, digests } = await readCluster(connectContext(context), namespace);
  return { sources: [{ name: first?.[0], manifests }], running: digests };
}

function reportOf(environments: readonly ImportedEnvironment[]): Report {
  return {
    services: [...new Set(environments.flatMap(({ services }) => Object.keys(services)))].sort(),
    environments: environments.flatMap(({ name }) => name ?? []),
    findings: together(environments.flatMap(({ findings }) => findings.findings)),
    secrets: together(environments.flatMap(({ findings }) => findings.secrets)),
  };
}

function show(files: Record<string, string>, report: Report, options: ImportOptions, root: string): void {
  const { out, dryRun } = options;
  const text = formatReport(report);
  const secrets = report.secrets.map((secret) => ({ ...secret, commands: secretCommands(secret) }));
  const result = { ...report, secrets };
  warnOfExisting(report.services, root);
  info(text);
  if (out === undefined || dryRun) {
    if (out !== undefined) info(`\nWould write to ${out}: ${Object.keys(files).join(", ")}, ${REPORT}.`);
    const documents = Object.entries(files).map(([name, content]) => `# ${name}\n${content}`);
    printResult(options, { ...result, files }, documents.join("---\n").trimEnd());
    return;
  }
  const all = { ...files, [REPORT]: `# Import\n\n${text}\n` };
  writeNewFiles(resolve(out), all);
  const written = Object.keys(all).map((name) => relative(process.cwd(), resolve(out, name)));
  printResult(options, { ...result, written }, `Wrote ${written.join(", ")}.`);
}

/** A service of the same name would be another one. */
function warnOfExisting(services: readonly string[], root: string): void {
  const known = Object.keys((valueAt(readShared(root, [])?.value, ["services"]) ?? {}) as object);
  const both = services.filter((name) => known.includes(name));
  if (both.length > 0)
    warn(
      `stacks/services.yaml has ${both.join(", ")} already. Replace it, or give one of them another name: --rename.`,
    );
}
