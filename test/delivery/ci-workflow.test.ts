import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../..");
const CI = "./.github/workflows/ci.yaml";

interface Job {
  needs?: string | string[];
  uses?: string;
  if?: string;
  "runs-on"?: string;
  environment?: string;
  permissions?: Record<string, string>;
  secrets?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean; queue?: string };
  steps?: { uses?: string; run?: string; if?: string; with?: Record<string, string>; env?: Record<string, string> }[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  jobs: Record<string, Job>;
}

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const workflow = (name: string) => parse(read(`.github/workflows/${name}.yaml`)) as Workflow;

const expression = (text: string) => `\${{ ${text} }}`;

/** Jobs that can start before the job that calls ci.yaml has succeeded. */
function jobsBeforeCi({ jobs }: Workflow): string[] {
  const waits = (name: string): boolean => {
    const job = jobs[name];
    return job?.uses === CI || [job?.needs ?? []].flat().some(waits);
  };
  return Object.keys(jobs).filter((name) => !waits(name));
}

/** Whether a job can push, deploy, or read a secret. */
function canChange({ permissions, environment, secrets, ...job }: Job): boolean {
  const writes = permissions === undefined || Object.values(permissions).some((permission) => permission !== "read");
  return writes || environment !== undefined || secrets !== undefined || JSON.stringify(job).includes("secrets.");
}

describe("deploy.yaml", () => {
  const { jobs } = workflow("deploy");

  it("runs no job before the checks have passed, but one that only reads", () => {
    const before = jobsBeforeCi(workflow("deploy"));
    expect(before).toEqual(["change"]);
    expect(before.filter((name) => canChange(jobs[name] ?? {}))).toEqual([]);
    expect(jobs.change?.["runs-on"]).toBe("ubuntu-24.04");
  });

  it.each<[string, Job]>([
    ["pushes", { permissions: { contents: "write" } }],
    ["has the default permissions", {}],
    ["deploys", { permissions: {}, environment: "dev" }],
    ["reads a secret", { permissions: {}, steps: [{ env: { KEY: expression("secrets.KEY") } }] }],
  ])("would fail the test above with a job that %s", (_, job) => {
    expect(canChange(job)).toBe(true);
  });

  it("checks and deploys nothing for the push of a record", () => {
    expect(jobs.ci?.if).toBe("needs.change.outputs.commit != ''");
    expect(JSON.stringify(jobs.change?.steps)).toContain("--only-new");
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

describe("deploy-stack.yaml", () => {
  const { run } = workflow("deploy-stack").jobs;

  it("queues deploys without leaving one out, and never cancels one", () => {
    // GitHub allows no other values: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#concurrency
    expect(run?.concurrency).toMatchObject({ "cancel-in-progress": false, queue: "max" });
  });

  it("does not let a rollback or a restart wait for deploys, in Jenkins neither", () => {
    const byHand = /== 'deploy' (&&|\?) 'deploy' (\|\||:) 'by-hand'/;
    expect(run?.concurrency?.group).toMatch(byHand);
    expect(read("Jenkinsfile")).toMatch(byHand);
  });

  it("pushes as an app that may bypass the rules of main, if there is one", () => {
    const app = run?.steps?.find(({ uses }) => uses?.startsWith("actions/create-github-app-token@"));
    expect(app?.if).toBe("vars.RECORDS_APP_CLIENT_ID != ''");
    const token = expression("steps.app.outputs.token || github.token");
    expect(run?.steps?.find(({ uses }) => uses?.startsWith("actions/checkout@"))?.with).toMatchObject({ token });
    expect(run?.steps?.filter(({ env }) => env?.GITHUB_TOKEN === token)).toHaveLength(1);
  });

  it.each(["deploy", "rollback", "restart"])("gets the app's key and its permissions from %s.yaml", (name) => {
    const callers = Object.values(workflow(name).jobs).filter(({ uses }) => uses?.endsWith("deploy-stack.yaml"));
    expect(callers.length).toBeGreaterThan(0);
    for (const { secrets, permissions } of callers) {
      expect(secrets).toHaveProperty("RECORDS_APP_PRIVATE_KEY");
      expect(permissions).toEqual(run?.permissions);
    }
  });

  it("lets the end of a job reach the engine, as the other pipelines do", () => {
    const started = "node delivery/cli.ts";
    expect(run?.steps?.some((step) => step.run?.includes(`exec ${started} "$COMMAND"`))).toBe(true);
    expect(read("Jenkinsfile")).toContain(`exec ${started}`);
    expect(read("bitbucket-pipelines.yml")).toContain(started);
  });
});

describe("preview.yaml", () => {
  it("previews drafts, and pull requests whose title says nothing", () => {
    const { preview, version } = workflow("preview").jobs;
    expect(JSON.stringify([preview, version])).not.toMatch(/draft/);
    // --title would hide the labels, which the event has.
    expect(JSON.stringify(version?.steps)).toMatch(/version --dry-run/);
  });
});

describe("a preview, which runs unmerged code with a stack's secrets,", () => {
  const { preview } = workflow("preview").jobs;
  const jenkins = read("Jenkinsfile");

  it("runs for no fork and no bot", () => {
    expect(preview?.if).toContain("head.repo.full_name == github.repository");
    expect(preview?.if).toContain("pull_request.user.type == 'User' && github.event.sender.type == 'User'");
    expect(jenkins).toMatch(/!env\.CHANGE_FORK && !\(env\.CHANGE_AUTHOR =~ /);
  });

  it("is of dev only, unless a variable or its reviewers say otherwise", () => {
    expect(JSON.stringify(preview)).toContain(String.raw`vars.PREVIEW_STACKS || '[\"dev\"]'`);
    expect(preview?.environment).toContain("matrix.stack != 'dev' && format('preview-{0}', matrix.stack)");
    for (const text of [jenkins, read("bitbucket-pipelines.yml")]) {
      expect(text).toMatch(/preview --stack=dev/);
      expect(text.match(/slipway -- preview/g)).toHaveLength(1);
    }
  });

  it("never runs where deploys run, and unmerged code of others runs without a role", () => {
    expect(preview?.["runs-on"]).toBe(expression("vars.PREVIEW_RUNNER || 'ubuntu-24.04'"));
    expect(workflow("deploy-stack").jobs.run?.["runs-on"]).toBe(expression("vars.RUNNER || 'ubuntu-24.04'"));
    expect(jenkins).toContain("node('slipway-check') { checkout scm; sh 'npm ci --ignore-scripts && npm run check'");
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
