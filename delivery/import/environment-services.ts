import { dnsName } from "../../config/schema/formats.ts";
import { Failure } from "../failure.ts";
import { type Application, applicationsOf, templatePath } from "./applications.ts";
import { putCallers } from "./callers.ts";
import type { ImportSettings } from "./context.ts";
import type { Draft } from "./draft.ts";
import type { Fields } from "./fields.ts";
import { Findings } from "./findings.ts";
import { reportIngress } from "./ingress.ts";
import { skipMeaningless } from "./kubernetes-defaults.ts";
import { reportLeftOver } from "./left-over.ts";
import { NamedObjects } from "./named-objects.ts";
import { dropRefused } from "./refused.ts";
import { serviceOf } from "./service-of.ts";
import { removeSecrets } from "./without-secrets.ts";

/** What one environment's manifests become. */
export interface ImportedEnvironment {
  /** Undefined if no environment was named. */
  name: string | undefined;
  namespace: string | undefined;
  /** Names before --rename. */
  namesBefore: string[];
  /** Ingress controller of all its services with hosts. */
  ingress: { class: string; namespace: string } | undefined;
  /** Fields of the services, by name. */
  services: Record<string, Record<string, unknown>>;
  findings: Findings;
}

export interface Renames {
  /** New names by the old ones. */
  renames: Record<string, string>;
}

/** The images that the workloads among manifests run. */
export function imagesOf(manifests: readonly Fields[]): string[] {
  return applicationsOf(manifests, new Findings(undefined)).flatMap(({ workload }) => {
    const pod = workload.at(...templatePath(workload.kind), "spec");
    return [...pod.list("containers"), ...pod.list("initContainers")].map((container) =>
      String(container.peek("image")),
    );
  });
}

/** @throws Failure for names that no service can have, ConfigError for what cannot be made valid */
export function importEnvironment(
  name: string | undefined,
  manifests: readonly Fields[],
  settings: ImportSettings & Renames,
): ImportedEnvironment {
  const findings = new Findings(name);
  for (const fields of manifests) skipMeaningless(fields);
  const found = applicationsOf(manifests, findings);
  const applications = renamed(found, name, settings, findings);
  checkNames(applications);
  const objects = new NamedObjects(manifests);
  const drafts = applications.map((application) => serviceOf(application, objects, settings, findings));
  const aliases = new Map(
    applications.map(({ name: service, services }) => [service, [service, ...services.map((called) => called.name)]]),
  );
  for (const draft of drafts) removeSecrets(draft, findings);
  const ingress = hoistIngress(drafts);
  putCallers(drafts, aliases, findings);
  reportObjects(manifests, applications, settings.ingressNamespace !== undefined, findings);
  objects.reportUnused(findings);
  const namespace = namespaceOf(applications, findings);
  dropRefused(drafts, ingress ? { ingress, addons: { traefik: { enabled: false } } } : {}, findings);
  const services = Object.fromEntries(drafts.map((draft) => [draft.name, draft.fields]));
  return { name, namespace, namesBefore: found.map((application) => application.name), ingress, services, findings };
}

/** With new names, and without the prefix or suffix that kustomize gives to all objects of an environment. */
function renamed(
  applications: readonly Application[],
  environment: string | undefined,
  { renames }: Renames,
  findings: Findings,
): Application[] {
  const all = (test: (name: string) => boolean) =>
    applications.length > 0 && applications.every(({ name }) => test(name));
  const [prefix, suffix] = [`${environment}-`, `-${environment}`];
  const isPrefixed = (name: string) => name.startsWith(prefix) && name.length > prefix.length;
  const isSuffixed = (name: string) => name.endsWith(suffix) && name.length > suffix.length;
  const without = all(isPrefixed)
    ? (name: string) => (isPrefixed(name) ? name.slice(prefix.length) : name)
    : all(isSuffixed)
      ? (name: string) => (isSuffixed(name) ? name.slice(0, -suffix.length) : name)
      : undefined;
  if (without) findings.nameOf = without;
  return applications.map((application) => {
    const { name: before, workload } = application;
    const name = renames[before] ?? without?.(before) ?? before;
    if (name !== before) {
      findings.check(
        workload.place("metadata", "name"),
        `the service is called ${name} now, in every environment. Callers of ${before} must call ${name}`,
        before,
      );
    }
    return { ...application, name };
  });
}

function checkNames(applications: readonly Application[]): void {
  const faults = applications.flatMap(({ name, workload }, index) => {
    const where = `${workload.file}: ${workload.kind} ${workload.name}`;
    const parsed = dnsName.safeParse(name);
    if (!parsed.success) return [`${where}: ${name} is no name of a service: ${parsed.error.issues[0]?.message}`];
    const other = applications.slice(0, index).find((known) => known.name === name);
    return other ? [`${where}: ${name} is the name of ${other.workload.kind} ${other.workload.name} too`] : [];
  });
  if (faults.length === 0) return;
  throw new Failure(
    [
      "import: give these another name with --rename <name>=<new name>. Nothing was written.",
      ...faults.map((fault) => `  - ${fault}.`),
    ].join("\n"),
  );
}

/** One controller for all services is said once, for the environment. */
function hoistIngress(drafts: readonly Draft[]): ImportedEnvironment["ingress"] {
  const using = drafts.filter(({ fields }) => fields.ingressClass !== undefined);
  const classes = new Set(using.map(({ fields }) => fields.ingressClass));
  const [first] = using;
  if (first === undefined || classes.size !== 1) return undefined;
  const ingress = { class: String(first.fields.ingressClass), namespace: String(first.fields.ingressNamespace) };
  for (const { fields } of using) {
    delete fields.ingressClass;
    delete fields.ingressNamespace;
  }
  return ingress;
}

function reportObjects(
  manifests: readonly Fields[],
  applications: readonly Application[],
  isKept: boolean,
  findings: Findings,
): void {
  for (const ingress of manifests.filter(({ kind }) => kind === "Ingress"))
    reportIngress(ingress, isKept, { findings });
  const used = new Set<unknown>(
    applications.flatMap(({ workload, services, autoscaler, budget, account }) =>
      [workload, services[0], autoscaler, budget, account].map((fields) => fields?.manifest),
    ),
  );
  reportLeftOver(
    manifests.filter(({ kind, manifest }) => used.has(manifest) || kind === "Ingress"),
    findings,
  );
}

function namespaceOf(applications: readonly Application[], findings: Findings): string | undefined {
  const given = applications.flatMap(({ workload }) => {
    const namespace = workload.peek("metadata", "namespace");
    return typeof namespace === "string" && namespace !== "default" ? [{ workload, namespace }] : [];
  });
  const [first] = given;
  const [any] = applications;
  if (first === undefined && any !== undefined) {
    findings.check(
      any.workload.place("metadata", "namespace"),
      "no workload names one. Set namespace in services.yaml, or in each stack",
    );
  }
  for (const { workload, namespace } of given) {
    if (namespace === first?.namespace) continue;
    findings.check(
      workload.place("metadata", "namespace"),
      `the services of a stack are in one namespace, ${first?.namespace}. Import another namespace by itself, into a stack of its own`,
      namespace,
    );
  }
  return first !== undefined && dnsName.safeParse(first.namespace).success ? first.namespace : undefined;
}
