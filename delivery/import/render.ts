import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import { Failure } from "../failure.ts";

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const KUSTOMIZATIONS = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const MOST_MILLISECONDS = 120_000;

export function isChart(folder: string): boolean {
  return existsSync(join(folder, "Chart.yaml"));
}

export function isKustomization(folder: string): boolean {
  return KUSTOMIZATIONS.some((name) => existsSync(join(folder, name)));
}

/**
 * The objects of a chart, with the folder's name as that of the release.
 *
 * @param name how people know the folder
 * @param values files with values, each over those before it
 * @throws Failure if helm is not there, or refuses
 */
export function renderChart(folder: string, name: string, values: readonly string[]): Promise<string> {
  const flags = values.flatMap((file) => ["-f", file]);
  const args = ["template", basename(folder), folder, "--skip-tests", ...flags];
  const byHand = ["helm template", basename(folder), name, ...flags].join(" ");
  return render(name, "a chart", [["helm", args]], byHand);
}

/** The objects of a kustomization. @throws Failure if neither kubectl nor kustomize is there, or if it refuses */
export function renderKustomization(folder: string, name: string): Promise<string> {
  const tools: [string, string[]][] = [
    ["kubectl", ["kustomize", folder]],
    ["kustomize", ["build", folder]],
  ];
  return render(name, "a kustomization", tools, `kubectl kustomize ${name}`);
}

async function render(name: string, what: string, tools: [string, string[]][], byHand: string): Promise<string> {
  for (const [tool, args] of tools) {
    const { failed, code, stdout, stderr, timedOut } = await execa(tool, args, {
      reject: false,
      stdin: "ignore",
      timeout: MOST_MILLISECONDS,
    });
    if (!failed) return stdout;
    if (code === "ENOENT") continue;
    const why = timedOut ? `no answer within ${MOST_MILLISECONDS / 1000} s` : lastLine(stderr);
    throw new Failure(`import: ${name} is ${what}, and ${tool} refuses it: ${why}. Nothing was written.`);
  }
  const missing = tools.map(([tool]) => tool).join(" nor ");
  throw new Failure(
    `import: ${name} is ${what}, and ${tools.length > 1 ? "neither " : "no "}${missing} is on PATH. Install one, or render it elsewhere ` +
      `and name the result: ${byHand} > rendered.yaml`,
  );
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.replace(/\.$/, "") ?? "";
}
