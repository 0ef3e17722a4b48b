import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { program } from "../programs.ts";
import {
  CHARTS,
  type Chart,
  chartFolder,
  KUBERNETES,
  NAME,
  NAMESPACE,
  renderText,
  shapeFile,
  shapesOf,
  shapeValues,
} from "./render.ts";

/** kube-score does not know the Rollout that has the pods. */
const hasRollout = (chart: Chart, shape: string) => chart === "service" && shape.startsWith("canary");

/** Rules of kube-score that the charts break on purpose, and why. */
const IGNORED = {
  // A digest names one image for good: pulling it again changes nothing, and makes every start of a pod depend on the registry.
  "container-image-pull-policy": () => true,
  // One check for readiness and liveness is dangerous if it depends on other systems. A TCP connect and the health endpoints of
  // these add-ons do not, and liveness allows more failures.
  "pod-probes-identical": (chart: Chart, shape: string) =>
    ["traefik", "descheduler", "cluster-autoscaler", "argo-cd"].includes(chart) ||
    ["tcp", "stateful", "redis", "beside"].includes(shape),
  // A budget over one pod would block every drain of its node.
  "deployment-has-poddisruptionbudget": (chart: Chart, shape: string) =>
    chart === "service" && ["single", "singleton"].includes(shape),
  "networkpolicy-targets-pod": hasRollout,
  "horizontalpodautoscaler-has-target": hasRollout,
  "service-targets-pod": hasRollout,
};

/** One object in kube-score's JSON. */
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

it("every ignored rule of kube-score is still broken", async () => {
  const shapes = await Promise.all(["tcp", "single", "canary"].map((shape) => score("service", shape)));
  const scored = shapes.flat();
  const broken = criticals(scored, []).map(({ id }) => id);
  expect([...new Set(broken)].sort()).toEqual(Object.keys(IGNORED).sort());
});

function ignoredFor(chart: Chart, shape: string): string[] {
  return Object.entries(IGNORED).flatMap(([id, applies]) => (applies(chart, shape) ? [id] : []));
}

/** CPU limits are not required: they throttle in slices of 100 ms even on an idle node. Memory limits are. */
async function score(chart: Chart, shape: string): Promise<Scored[]> {
  const args = [
    "score",
    "--output-format=json",
    `--kubernetes-version=v${KUBERNETES}`,
    "--ignore-container-cpu-limit",
    "-",
  ];
  // An install has the number of pods in a manifest once. After that it is the autoscaler's alone.
  const text = await renderText(chart, shapeValues(chart, shape) ?? {}, NAMESPACE, NAME, ["--is-upgrade"]);
  // kube-score takes a Service without a selector for one that selects every pod, and scores pods that a suspended Job never has.
  const input = text
    .split(/^---$/m)
    .filter((document) => !/^ {2}name: \S+-rollout(-[0-9a-f]{8})?$/m.test(document))
    .join("---");
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
