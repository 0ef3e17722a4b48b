import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { projectRoot } from "../project-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const MODULE = "components/fast-start.ts";
/** Prints the names that the client exports, and from where it was loaded. */
const PROGRAM = `
  const client = await import("@kubernetes/client-node");
  const error = new client.ApiException(404, "", "", {});
  const config = new client.KubeConfig();
  config.loadFromClusterAndUser({ name: "c", server: "https://c.example.com" }, { name: "u", token: "t" });
  console.log(JSON.stringify({
    names: Object.keys(client).sort(),
    server: config.makeApiClient(client.CoreV1Api) instanceof client.CoreV1Api,
    file: import.meta.resolve("@kubernetes/client-node"),
    code: error.code,
  }));
`;

/** A project with nothing but these packages. */
async function projectWith(...packages: string[]): Promise<string> {
  const root = temporaryFolder();
  for (const name of packages) {
    const path = join(root, "node_modules", name);
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(join(projectRoot, "node_modules", name), path);
  }
  mkdirSync(join(root, "components"));
  await cp(join(projectRoot, MODULE), join(root, MODULE));
  return root;
}

async function load(root: string, ...args: string[]) {
  const { stdout, stderr } = await execa("node", [...args, "--input-type=module", "-e", PROGRAM], { cwd: root });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as { names: string[]; server: boolean; file: string; code: number };
}

const preloaded = ["--import", `./${MODULE}`];

describe("a start with the client as one file", () => {
  it("has all that the package exports, and keeps the file for the next start", async () => {
    const root = await projectWith("@kubernetes/client-node", "esbuild");
    const plain = await load(root);
    const first = await load(root, ...preloaded);
    expect(plain.file).toContain("node_modules/@kubernetes/client-node/dist/");
    expect(first.file).toContain("node_modules/.cache/slipway/");
    expect({ ...first, file: "" }).toEqual({ ...plain, file: "" });
    const file = new URL(first.file);
    const written = readFileSync(file);
    expect(await load(root, ...preloaded)).toEqual(first);
    expect(readFileSync(file).equals(written)).toBe(true);
  });

  it("takes the package as it is where esbuild is missing", async () => {
    const root = await projectWith("@kubernetes/client-node");
    const plain = await load(root);
    expect(await load(root, ...preloaded)).toEqual(plain);
  });

  it("goes on without any package", async () => {
    const root = await projectWith();
    const { stdout } = await execa("node", [...preloaded, "-e", "console.log('started')"], { cwd: root });
    expect(stdout).toBe("started");
    expect(existsSync(join(root, "node_modules"))).toBe(false);
  });

  it("is what Pulumi starts the program with", () => {
    const { runtime } = parse(readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8"));
    expect(runtime.options.nodeargs).toBe(preloaded.join(" "));
  });
});
