import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { program } from "../programs.ts";
import { CHARTS, type Chart, chartFolder, KUBERNETES, renderText, shapeFile, shapesOf, shapeValues } from "./render.ts";

/** Rules of kube-score that the charts break on purpose, each with the reason. */
const IGNORED = {
  // An image named by digest is what it is: pulling it again brings nothing, and ties every start of a pod to the registry.
  "container-image-pull-policy": () => true,
  // The same question to readiness and liveness is dangerous where it reaches dependencies. A TCP connect and Traefik's ping
  // reach none; liveness is the more patient one.
  "pod-probes-identical": (chart: Chart, shape: string) => chart === "traefik" || ["tcp", "stateful"].includes(shape),
};

/** What kube-score's JSON says of one object. */
interface Scored {
  object_name: string;
  checks: { check: { id: string }; grade: number; comments: { summary: string }[] | null; skipped: boolean }[] | null;
}
const CRITICAL = 1;

describe.each(CHARTS)("charts/%s", (chart) => {
  it.each(shapesOf(chart))("%s passes helm lint --strict", async (shape) => {
    const args = ["lint", "--strict", chartFolder(chart), "-f", shapeFile(chart, shape)];
    const { stdout, exitCode } = await execa(program("helm"), args, { reject: false });
    expect(stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
    expect(exitCode).toBe(0);
  });

  it.each(shapesOf(chart))("%s has nothing critical for kube-score", async (shape) => {
    expect(criticals(await score(chart, shape), ignoredFor(chart, shape))).toEqual([]);
  });
});

it("every ignored rule of kube-score is one that would be broken", async () => {
  const broken = criticals(await score("service", "tcp"), []).map(({ id }) => id);
  expect([...new Set(broken)].sort()).toEqual(Object.keys(IGNORED).sort());
});

function ignoredFor(chart: Chart, shape: string): string[] {
  return Object.entries(IGNORED).flatMap(([id, applies]) => (applies(chart, shape) ? [id] : []));
}

/** No CPU limit is wanted: it throttles within 100 ms slices while the node is idle. Memory limits stay required. */
async function score(chart: Chart, shape: string): Promise<Scored[]> {
  const args = [
    "score",
    "--output-format=json",
    `--kubernetes-version=v${KUBERNETES}`,
    "--ignore-container-cpu-limit",
    "-",
  ];
  const input = await renderText(chart, shapeValues(chart, shape) ?? {});
  const { stdout } = await execa(program("kube-score"), args, { input, reject: false });
  return JSON.parse(stdout) as Scored[];
}

function criticals(objects: Scored[], ignored: string[]) {
  return objects.flatMap(({ object_name: object, checks }) =>
    (checks ?? [])
      .filter(({ check, grade, skipped }) => !skipped && grade === CRITICAL && !ignored.includes(check.id))
      .map(({ check, comments }) => ({ object, id: check.id, why: comments?.map(({ summary }) => summary) })),
  );
}
