import { describe, expect, it } from "vitest";
import { formatPlan } from "../../../delivery/terminal/plan-text.ts";
import { diagnostic, releaseOf, started } from "../engine/events.ts";
import { usePerson } from "../person.ts";
import { useShop } from "../shop.ts";

const shop = useShop();
const values = (release: string, more: object = {}) => ({
  inputs: { values: { release, image: `shop@${release}`, ...more } },
});

const person = usePerson();

async function previewOfTwoCommits(): Promise<[string, string]> {
  const old = `v1.0.0-${(await shop.clone.head()).slice(0, 7)}`;
  await shop.clone.commit("feat: gift cards (#7)", { "api.txt": "cards" });
  const next = `v1.1.0-${(await shop.clone.head()).slice(0, 7)}`;
  shop.pulumi.answer("preview", {
    events: [
      started("update", releaseOf("api"), {
        old: values(old).inputs,
        new: values(next, { replicas: { max: 12 } }).inputs,
      }),
      started("replace", "aws:s3/bucket:Bucket::artifacts", { old: {}, new: {} }),
    ],
  });
  return [old, next];
}

describe("deploy --dry-run", () => {
  it("shows services with their commits, the config that changes, and what is replaced", async () => {
    const [old, next] = await previewOfTwoCommits();
    const { exitCode, stdout } = await shop.run("deploy", "--stack", "dev", "--release", next, "--dry-run");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`api  ${old} → ${next}  (1 commit, `.slice(0, -2));
    expect(stdout).toMatch(/\+ [0-9a-f]{7} feat: gift cards \(#7\)/);
    expect(stdout).toContain('replicas: not set → {"max":12}');
    expect(stdout).toContain("unchanged: web");
    expect(stdout).toMatch(/replace artifacts \(aws:s3\/bucket:Bucket\) +HOLDS DATA/);
  });

  it("has the plan as JSON too, and fails if the preview fails", async () => {
    await previewOfTwoCommits();
    const { stdout } = await shop.run("deploy", "--stack", "dev", "--dry-run", "--json");
    expect(JSON.parse(stdout).plan.services).toMatchObject([{ name: "api", commits: { added: [expect.any(String)] } }]);
    shop.pulumi.answer("preview", { events: [diagnostic("error", "no such key")], exitCode: 255 });
    const failed = await shop.run("deploy", "--stack", "dev", "--dry-run");
    expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining("no such key")]);
  });
});

describe("on a terminal, a deploy to a protected environment", () => {
  const deploy = async (answer: "yes" | "no", ...args: string[]) => {
    Object.assign(person, { isThere: true, answer: answer === "yes" });
    return shop.run("deploy", "--stack", "dev", "--release", "v1.1.0", "--no-commit", "--no-notify", ...args);
  };
  const ran = () => shop.pulumi.calls.some((call) => call.startsWith("up "));

  it("shows the plan, asks, and changes nothing without a yes", async () => {
    const before = shop.stackFile;
    const { exitCode, stderr } = await deploy("no");
    expect([exitCode, ran(), shop.stackFile]).toEqual([1, false, before]);
    expect(stderr).toContain("dev: deploy v1.1.0");
    expect(stderr).toContain("Nothing was changed.");
    expect(person.questions).toHaveLength(1);
  });

  it("goes on after a yes", async () => {
    expect((await deploy("yes")).exitCode).toBe(0);
    expect([ran(), person.questions.length]).toEqual([true, 1]);
  });

  it.each([
    ["under --yes", ["--yes"], {}],
    ["in CI", [], { CI: "true" }],
  ])("does not ask %s", async (_, args, environment) => {
    Object.defineProperty(shop, "environment", { value: { ...shop.environment, ...environment }, configurable: true });
    expect((await deploy("no", ...args)).exitCode).toBe(0);
    Reflect.deleteProperty(shop, "environment");
    expect([ran(), person.questions.length]).toEqual([true, 0]);
  });

  it("does not ask if the environment has protect: none", async () => {
    shop.clone.write("stacks/Pulumi.dev.yaml", `${shop.stackFile}    protect: none\n`);
    expect((await deploy("no")).exitCode).toBe(0);
    expect(person.questions).toEqual([]);
  });

  it("is refused if somebody else has changed the stack before the answer", async () => {
    person.meanwhile = () => shop.pulumi.answer("stack history", { stdout: "[]" });
    const { exitCode, stderr } = await deploy("yes");
    expect([exitCode, ran()]).toEqual([1, false]);
    expect(stderr).toContain("somebody else has changed dev");
  });

  it("is refused if the preview fails, and a rollback is not", async () => {
    shop.pulumi.answer("preview", { events: [diagnostic("error", "the registry is down")], exitCode: 255 });
    const refused = await deploy("yes");
    expect([refused.exitCode, ran()]).toEqual([1, false]);
    const { exitCode, stderr } = await shop.run("rollback", "--stack", "dev", "--no-commit", "--no-notify");
    expect([exitCode, ran()]).toEqual([0, true]);
    expect(stderr).toContain("The engine cannot preview this: the registry is down");
    expect(stderr).toMatch(/api +v1\.0\.0 → v0\.9\.0/);
  });
});

it("a deploy without a terminal does not ask", async () => {
  const { exitCode, stderr } = await shop.run(
    "deploy",
    "--stack",
    "dev",
    "--release",
    "v1.1.0",
    "--no-commit",
    "--no-notify",
  );
  expect(stderr).not.toContain("Unexpected");
  expect([exitCode, person.questions]).toEqual([0, []]);
});

it("a plan says what a rollback takes back, and cuts what is too long", () => {
  const commits = { added: [], removed: Array.from({ length: 12 }, (_, index) => `abc${index} subject\u001b[31m`) };
  const service = { name: "api", from: "v2", to: "v1", buildsImage: false, commits, config: [] };
  const text = formatPlan({ services: [service], unchanged: [], resources: [], migrations: [] }, process.stdout);
  expect(text).toContain("takes back 12 commits");
  expect(text).toContain("… and 2 more");
  expect(text).not.toContain("\u001b[31m");
  expect(formatPlan({ services: [], unchanged: ["api"], resources: [], migrations: [] }, process.stdout)).toContain(
    "Nothing changes.",
  );
});

it("a plan names the migrations that run, also if nothing else changes", () => {
  const migrations = ["api v2: migration contract runs after the rollout, once no older pod lives: /app migrate"];
  const text = formatPlan({ services: [], unchanged: ["api"], resources: [], migrations }, process.stdout);
  expect(text).toContain(migrations[0]);
  expect(text).not.toContain("Nothing changes.");
});
