import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { preview } from "../../../delivery/commands/preview.ts";
import { GitServer } from "../../../sandbox/git/git-server.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { ended } from "../engine/events.ts";
import { FakePulumi } from "../fake-pulumi.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { projectFiles, stackText } from "../project.ts";
import { Clone } from "../repositories.ts";

let server: GitServer;
let pulumi: FakePulumi;
let clone: Clone;

/** What the program does in an update that only renders. */
const render = (files: Record<string, string>) => {
  const write = ([file, text]: [string, string]) => `mkdir -p "$SLIPWAY_MANIFESTS/$(dirname ${file})"
printf '%s' '${text}' > "$SLIPWAY_MANIFESTS/${file}"`;
  const script = Object.entries(files).map(write).join("\n");
  pulumi.answer("preview", { events: [ended()], script });
};

beforeEach(async () => {
  const folder = temporaryFolder();
  server = new GitServer({ folder, users: { ci: "manifests-token" } });
  await server.start();
  await server.createRepository("manifests");
  pulumi = new FakePulumi();
  clone = await Clone.alone();
  const delivery = { mode: "gitops", gitops: { repository: server.url("manifests") } };
  const files = projectFiles({ dev: stackText("localhost/shop", { delivery }) });
  for (const [file, text] of Object.entries(files)) clone.write(file, text);
  stubMachine({ PATH: pulumi.path, SLIPWAY_MANIFESTS_TOKEN: "manifests-token", SLIPWAY_MANIFESTS_USER: "ci" });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await server.stop();
});

async function commit(files: Record<string, string>): Promise<void> {
  const folder = join(temporaryFolder(), "clone");
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: folder });
  await execa("git", ["clone", "--quiet", server.path("manifests"), folder]);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  await git("add", ".");
  await git("commit", "--quiet", "--message=First");
  await git("push", "--quiet", "origin", "HEAD:env/dev");
}

async function run(): Promise<string> {
  const output = captureOutput();
  await preview({ stack: "dev", release: "v1.1.0", markdown: true }, clone.root);
  return output.stdout;
}

describe("a preview of a stack whose services Argo CD rolls out", () => {
  it("shows the manifests that a deploy would commit, as a diff", async () => {
    await commit({
      "api/values.yaml": "release: v1.0.0\n",
      "api/manifests/deployment-api.yaml": "replicas: 1\n",
      "web/values.yaml": "release: v1.0.0\n",
    });
    render({
      "api/values.yaml": "release: v1.1.0\n",
      "api/manifests/deployment-api.yaml": "replicas: 2\n",
      "web/values.yaml": "release: v1.0.0\n",
    });
    const markdown = await run();
    expect(markdown).toContain("| `api` | `v1.0.0` | **`v1.1.0`** |");
    expect(markdown).not.toContain("| `web` |");
    expect(markdown).toMatch(/```diff\n.*-replicas: 1\n\+replicas: 2\n/s);
    const [call = ""] = pulumi.calls.filter((line) => line.startsWith("preview"));
    expect(call).toContain("--target=urn:pulumi:dev::slipway::slipway:index:Images::images");
  });

  it("says what is known only after the image is built", async () => {
    render({ "web/values.yaml": "release: v1.1.0\n" });
    const markdown = await run();
    expect(markdown).toContain("| `api` | | image will be built; manifests are known after that |");
    expect(markdown).toContain("| `web` |  | **`v1.1.0`** |");
  });

  it("has no changes if the branch has these manifests", async () => {
    const files = { "api/values.yaml": "release: v1.1.0\n", "web/values.yaml": "release: v1.1.0\n" };
    await commit(files);
    render(files);
    expect(await run()).toContain("No changes.");
  });

  it("names a service that a deploy would remove", async () => {
    const files = { "api/values.yaml": "release: v1.1.0\n", "web/values.yaml": "release: v1.1.0\n" };
    await commit({ ...files, "cart/values.yaml": "release: v1.0.0\n" });
    render(files);
    expect(await run()).toContain("| `cart` | `v1.0.0` | removed |");
  });
});
