import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { type PreviewOptions, preview } from "../../../delivery/commands/preview.ts";
import { FakeGitHub } from "../../e2e/github-and-slack.ts";
import { begun, buildPreview, diagnostic, ended, releaseOf, started } from "../engine/events.ts";
import { FakePulumi } from "../fake-pulumi.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { projectFiles, stackText } from "../project.ts";
import { Clone } from "../repositories.ts";

const FILE = "stacks/Pulumi.dev.yaml";
const ada = { login: "ada", type: "User" };
const namespace = "kubernetes:core/v1:Namespace::shop";
const update = started("update", releaseOf("api"), {
  old: { values: { release: "v1.0.0" } },
  new: { values: { release: "v1.1.0" } },
});

let github: FakeGitHub;
let pulumi: FakePulumi;
let clone: Clone;

beforeEach(async () => {
  github = new FakeGitHub("a-token-that-no-output-may-show");
  await github.server.start();
  pulumi = new FakePulumi();
  pulumi.answer("preview", { events: [update] });
  clone = await Clone.alone();
  for (const [file, text] of Object.entries(projectFiles({ dev: stackText("localhost/shop") })))
    clone.write(file, text);
  stubMachine({
    PATH: pulumi.path,
    GITHUB_TOKEN: "a-token-that-no-output-may-show",
    GITHUB_API_URL: github.server.url,
    GITHUB_REPOSITORY: "example/shop",
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await github.server.cut();
});

/** @returns the output, and the message of a failure */
async function run(
  options: Partial<PreviewOptions> = {},
): Promise<{ stdout: string; stderr: string; failure?: string }> {
  const heard = captureOutput();
  const failure = await preview({ stack: "dev", ...options }, clone.root).then(
    () => undefined,
    (error: Error) => error.message,
  );
  vi.restoreAllMocks();
  return { ...heard, ...(failure !== undefined && { failure }) };
}

const comment = (options: Partial<PreviewOptions> = {}) => run({ comment: true, pullRequest: 7, ...options });
const bodies = () => github.comments.map(({ body }) => body);

describe("a preview", () => {
  it("is printed as Markdown, or as JSON with the changes", async () => {
    const { stdout } = await run();
    expect(stdout).toContain("### Preview of `dev`");
    expect(JSON.parse((await run({ json: true })).stdout)).toMatchObject({
      stack: "dev",
      services: [{ name: "api", op: "update", from: "v1.0.0", to: "v1.1.0" }],
      changes: [{ op: "update", name: "api" }],
      markdown: stdout.replace(/\n$/, ""),
    });
    expect(github.sent).toEqual([]);
  });

  it("is for people on a terminal, unless they ask for Markdown", async () => {
    Object.defineProperty(process.stdout, "isTTY", { value: true, configurable: true });
    try {
      const { stdout, stderr } = await run();
      expect(stripVTControlCharacters(stdout)).toMatch(/^ {2}api {2}v1\.0\.0 → v1\.1\.0$/m);
      expect(stdout).not.toContain("###");
      expect(stderr).toBe("");
      expect((await run({ markdown: true })).stdout).toContain("### Preview of `dev`");
    } finally {
      Reflect.deleteProperty(process.stdout, "isTTY");
    }
  });

  it("uses a copy of the stack's file", async () => {
    await run();
    expect(pulumi.config).toBe(clone.read(FILE));
    expect(pulumi.calls[0]).not.toContain(clone.root);
  });

  it("of a release does not change the stack's file", async () => {
    const before = clone.read(FILE);
    await run({ release: "v1.1.0", service: ["api"] });
    expect(parse(pulumi.config).config).toMatchObject({
      "slipway:release": "v1.0.0",
      "slipway:environment": { services: { api: { tag: "v1.1.0" } } },
    });
    expect(clone.read(FILE)).toBe(before);
  });

  it("that fails prints the reason and fails the command", async () => {
    pulumi.answer("preview", {
      events: [diagnostic("error", "services.api: the registry does not have v1.1.0")],
      exitCode: 255,
    });
    const { stdout, failure } = await run();
    expect(failure).toBe("The preview of dev failed: services.api: the registry does not have v1.1.0");
    expect(stdout).toMatch(/The preview failed.*the registry does not have v1\.1\.0/s);
    pulumi.answer("preview", { stderr: "error: no such stack\n", exitCode: 255 });
    expect((await run()).failure).toBe("The preview of dev failed: error: no such stack");
  });

  it("says in every output that an image will be built, and nothing of a removed value", async () => {
    pulumi.answer("preview", { events: buildPreview("api", "v1.0.0", "v1.1.0") });
    const { stdout } = await run({ json: true });
    const { services, changes, markdown } = JSON.parse(stdout);
    expect(services).toEqual([{ name: "api", op: "update", from: "v1.0.0", to: "v1.1.0", buildsImage: true }]);
    expect(changes).toMatchObject([{ op: "update" }, { op: "update" }]);
    expect(markdown).toContain("image will be built");
    expect((await run()).stdout).toBe(`${markdown}\n`);
    expect(stdout).not.toMatch(/removed|version: /);
  });

  it("hides secrets", async () => {
    vi.stubEnv("DB_PASSWORD", "a-password-of-ours");
    const secret = { old: { values: { a: "x" } }, new: { values: { a: "a-password-of-ours" } } };
    pulumi.answer("preview", { events: [started("update", releaseOf("api"), secret)] });
    const { stdout } = await run();
    expect(stdout).toContain("***");
    expect(stdout).not.toContain("a-password-of-ours");
  });
});

describe("a preview whose engine died", () => {
  const unchanged = started("same", namespace);
  it.each([
    ["by a signal", { script: "kill -KILL $$" }, "signal SIGKILL"],
    ["by a signal, as a container reports it", { exitCode: 137 }, "memory"],
    ["in the middle", { events: [begun(), unchanged], exitCode: 143 }, "killed"],
    ["in the middle, with exit code 0", { events: [begun(), update] }, "ends in the middle"],
    ["in the middle of an event", { events: `${JSON.stringify(update)}\n{"resourcePre` }, "ends in the middle"],
    ["at once, with exit code 0", {}, "without reporting"],
    ["at once, without a word", { exitCode: 255 }, "without giving a reason"],
  ])("fails and says so, in the comment too: %s", async (_, answer, reason) => {
    pulumi.answer("preview", answer);
    const { failure } = await comment();
    expect(failure).toContain("The preview of dev failed");
    expect(failure).toContain(reason);
    expect(bodies()).toEqual([expect.stringContaining(reason)]);
    expect(bodies()[0]).not.toContain("No changes.");
  });

  it("prints one JSON object with the error", async () => {
    pulumi.answer("preview", { exitCode: 137 });
    const { stdout } = await run({ json: true });
    expect(JSON.parse(stdout)).toMatchObject({ stack: "dev", error: expect.stringContaining("killed") });
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;
  });
});

describe("recorded events of a preview", () => {
  const write = (...events: object[]) => {
    const file = join(clone.root, "events.json");
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    return file;
  };

  it("are printed without another preview", async () => {
    const { stdout } = await run({ events: write(update) });
    expect(stdout).toContain("| `api` | update | `v1.0.0` | **`v1.1.0`** |");
    expect(pulumi.calls).toEqual([]);
  });

  it("of a failure do not count as a preview without changes", async () => {
    const { stdout, failure } = await run({
      events: write(diagnostic("error", "services.api: the registry does not have v1.1.0")),
    });
    expect(stdout).not.toContain("No changes.");
    expect(failure).toContain("the registry does not have v1.1.0");
  });

  it.each([
    ["was killed", [begun(), started("same", namespace)]],
    ["was killed after it had found changes", [begun(), update]],
    ["may have been killed", [started("same", namespace)]],
  ])("do not say that nothing changes if the engine %s", async (_, events) => {
    const { stdout, failure } = await run({ events: write(...events) });
    expect(stdout).not.toContain("No changes.");
    expect(failure).toContain("killed");
  });

  it("say that nothing changes if the preview came to its end", async () => {
    const { stdout, failure } = await run({ events: write(begun(), started("same", namespace), ended()) });
    expect(stdout).toContain("No changes.");
    expect(failure).toBeUndefined();
  });

  it("are refused if the file has none", async () => {
    expect((await run({ events: write() })).failure).toMatch(/^--events .+: it contains no engine events\./);
  });
});

describe("the comment on a pull request", () => {
  it("is created once, then updated, and kept if nothing changes", async () => {
    expect((await comment()).stderr).toContain("Comment on #7: created.");
    expect((await comment()).stderr).toContain("Comment on #7: unchanged.");
    expect(github.sent).toHaveLength(1);
    pulumi.answer("preview", { events: [update, started("delete", namespace, { old: {} })] });
    expect((await comment()).stderr).toContain("Comment on #7: updated.");
    pulumi.answer("preview", { events: [begun(), ended()] });
    expect((await comment()).stderr).toContain("Comment on #7: updated.");
    expect(bodies()).toEqual([expect.stringContaining("No changes.")]);
    expect(github.unexpected).toEqual([]);
  });

  it("is one per stack, and other comments stay", async () => {
    github.comments.push(
      { id: 1, issue: 7, body: "LGTM", user: ada },
      { id: 2, issue: 7, body: "<!-- slipway-preview:dev-2 -->\nx", user: ada },
    );
    clone.write("stacks/Pulumi.prod.yaml", clone.read(FILE));
    await comment();
    await comment({ stack: "prod" });
    expect(bodies().map((body) => body.split("\n")[0])).toEqual([
      "LGTM",
      "<!-- slipway-preview:dev-2 -->",
      "<!-- slipway-preview:dev -->",
      "<!-- slipway-preview:prod -->",
    ]);
  });

  it("does not overwrite a comment that quotes it", async () => {
    const quote = "> <!-- slipway-preview:dev -->\n> ### Preview of `dev`\n\nWhy does this change?";
    github.comments.push({ id: 1, issue: 7, body: quote, user: ada });
    await comment();
    expect(bodies()).toEqual([quote, expect.stringContaining("| `api` | update")]);
  });

  it("is not another person's that begins like ours", async () => {
    const forged = "<!-- slipway-preview:dev -->\nNo changes.";
    github.comments.push({ id: 1, issue: 7, body: forged, user: ada });
    await comment();
    expect((await comment()).stderr).toContain("Comment on #7: unchanged.");
    expect(bodies()).toEqual([forged, expect.stringContaining("| `api` | update")]);
  });

  it("is not created if nothing changes", async () => {
    pulumi.answer("preview", { events: [begun(), ended()] });
    expect((await comment()).stderr).toContain("Comment on #7: none, nothing changes.");
    expect(bodies()).toEqual([]);
  });

  it("reports that the preview failed", async () => {
    pulumi.answer("preview", {
      events: [diagnostic("error", "services.api: the registry does not have v1.1.0")],
      exitCode: 255,
    });
    expect((await comment()).failure).toContain("the registry does not have v1.1.0");
    expect(bodies()).toEqual([expect.stringMatching(/The preview failed.*the registry does not have v1\.1\.0/s)]);
  });

  it("is on the pull request that CI builds", async () => {
    const event = join(clone.root, "event.json");
    writeFileSync(event, JSON.stringify({ pull_request: { number: 9 } }));
    vi.stubEnv("GITHUB_ACTIONS", "true");
    vi.stubEnv("GITHUB_EVENT_NAME", "pull_request");
    vi.stubEnv("GITHUB_EVENT_PATH", event);
    vi.stubEnv("GITHUB_REF", "refs/pull/9/merge");
    await run({ comment: true });
    expect(github.comments).toMatchObject([{ issue: 9 }]);
  });

  it("is not written by a dry run", async () => {
    expect((await comment({ dryRun: true })).stderr).toContain("Would create the comment on #7.");
    expect(github.sent).toEqual([]);
  });

  it("that GitHub rejects is a warning with the command to retry", async () => {
    await github.server.cut();
    const { stderr, failure } = await comment();
    expect(stderr).toMatch(
      /⚠ The comment on #7 could not be written: ECONNREFUSED\. .*preview --stack dev --comment --pull-request 7\n$/,
    );
    expect(failure).toBeUndefined();
  });

  it("needs a pull request and a token", async () => {
    expect((await run({ comment: true })).failure).toContain("Name one with --pull-request.");
    vi.stubEnv("GITHUB_TOKEN", undefined);
    expect((await comment()).failure).toContain("GITHUB_TOKEN is not set");
  });
});
