import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../..");
const CI = "./.github/workflows/ci.yaml";

interface Job {
  needs?: string | string[];
  uses?: string;
  permissions?: Record<string, string>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  jobs: Record<string, Job>;
}

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const workflow = (name: string) => parse(read(`.github/workflows/${name}.yaml`)) as Workflow;

/** Jobs that can start before the job that calls ci.yaml has succeeded. */
function jobsBeforeCi({ jobs }: Workflow): string[] {
  const waits = (name: string): boolean => {
    const job = jobs[name];
    return job?.uses === CI || [job?.needs ?? []].flat().some(waits);
  };
  return Object.keys(jobs).filter((name) => !waits(name));
}

describe("deploy.yaml", () => {
  it("runs no job before the checks have passed", () => {
    expect(jobsBeforeCi(workflow("deploy"))).toEqual([]);
  });

  it.each([
    ["a version that waits for nothing", { version: {}, dev: { needs: ["version"] } }, ["version", "dev"]],
    ["a deploy beside the checks", { ci: { uses: CI }, dev: { needs: [] }, prod: { needs: "ci" } }, ["dev"]],
  ])("would fail the test above with %s", (_, jobs, expected) => {
    expect(jobsBeforeCi({ on: {}, jobs })).toEqual(expected);
  });

  it("runs nothing after a failed check", () => {
    // A job with `always()` or `failure()` runs although what it needs has failed.
    expect(read(".github/workflows/deploy.yaml")).not.toMatch(/\b(always|failure|cancelled)\(\)/);
  });
});

describe("ci.yaml", () => {
  const ci = workflow("ci");

  it("runs for pull requests, and for deploy.yaml", () => {
    // pull_request_target would give a fork's code the rights of main.
    expect(Object.keys(ci.on).sort()).toEqual(["pull_request", "workflow_call"]);
  });

  it("may read the repository and nothing else", () => {
    expect(ci.permissions).toEqual({});
    for (const { permissions } of Object.values(ci.jobs)) expect(permissions).toEqual({ contents: "read" });
    expect(workflow("deploy").jobs.ci?.permissions).toEqual({ contents: "read" });
    expect(read(".github/workflows/ci.yaml")).not.toMatch(/\$\{\{[^}]*\b(secrets|vars)\b/);
  });

  it("runs the quick checks and the tests of charts and workflows", () => {
    const commands = [...read(".github/workflows/ci.yaml").matchAll(/run: (npm .+)$/gm)].map(([, command]) => command);
    expect(commands).toEqual(["npm run check", "npm test -- chart workflows"]);
  });
});

describe("the other pipelines", () => {
  it("check a merge before they tag it, on Jenkins and on Bitbucket", () => {
    const jenkins = read("Jenkinsfile");
    const check = jenkins.indexOf("npm run check");
    expect(check).toBeGreaterThan(0);
    expect(check).toBeLessThan(jenkins.indexOf("version --push"));

    const { pipelines } = parse(read("bitbucket-pipelines.yml"), { merge: true }) as {
      pipelines: { branches: { main: { step: { script: string[] } }[] } };
    };
    const [first] = pipelines.branches.main;
    expect(first?.step.script).toContain("npm run check");
  });
});
