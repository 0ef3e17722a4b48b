import { type Finding, type SecretToSet, secretCommands } from "./findings.ts";

export interface Report {
  services: string[];
  /** Names of the environments. Empty if none were named. */
  environments: string[];
  findings: Finding[];
  secrets: SecretToSet[];
}

/** What was imported and what a person has to look at, as Markdown that reads well at a terminal too. */
export function formatReport({ services, environments, findings, secrets }: Report): string {
  const where = environments.length === 0 ? "" : ` in ${environments.join(", ")}`;
  const of = (kind: Finding["kind"]) => findings.filter((finding) => finding.kind === kind);
  const lines = (kind: Finding["kind"]) => of(kind).map((finding) => describe(finding, environments));
  return [
    `Imported ${services.length} service${services.length === 1 ? "" : "s"}${where}: ${services.join(", ")}.`,
    ...section("Not carried over", lines("leftOut")),
    ...section("Carried over, but check", lines("check")),
    ...section("Secrets to set", secrets.map(describeSecret)),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title} (${lines.length}):`, "", ...lines];
}

function describe({ files, object, path, given, advice, environments }: Finding, all: readonly string[]): string {
  const at = path === "" ? "" : `: ${path}`;
  const what = given === undefined ? "" : ` ${given} given;`;
  const only = environments.length < all.length ? ` (${environments.join(", ")})` : "";
  return `- ${files.join(", ")}: ${object}${at}:${what} ${advice}.${only}`;
}

function describeSecret(secret: SecretToSet): string {
  const commands = secretCommands(secret).map((command) => `      ${command}`);
  return [`- ${secret.service}: ${secret.name}, now in ${secret.from}`, "", ...commands, ""].join("\n");
}
