import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { atReleases, readEnvironment, requireServices } from "../../delivery/environment.ts";
import { Failure } from "../../delivery/failure.ts";
import { projectRoot } from "../project-root.ts";
import { projectFiles, stackText } from "./project.ts";
import { Clone } from "./repositories.ts";

async function rootWith(files: Record<string, string>): Promise<string> {
  const clone = await Clone.alone();
  for (const [file, content] of Object.entries(files)) clone.write(file, content);
  return clone.root;
}

/** The environment of a stack's file and the shared services.yaml. */
const read = async (text: string, files = projectFiles({})) => readEnvironment(await rootWith(files), "dev", text);

/** The message of its Failure. */
async function faultOf(text: string, files = projectFiles({})): Promise<string> {
  try {
    await read(text, files);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return "";
}

it("merges the stack's file over the shared one and lists the enabled services", async () => {
  const services = { api: { tag: "v0.9.0", build: { context: "other" } } };
  const { config, services: delivered } = await read(stackText("localhost/shop", { services }));
  expect(delivered).toEqual([
    { name: "api", release: "v0.9.0", context: "other" },
    { name: "web", release: "v1.0.0", context: "." },
  ]);
  expect(config).toMatchObject({ namespace: "shop", images: { repository: "localhost/shop" } });
});

it("does not need the key of the stack's secrets", async () => {
  const file = parse(stackText("localhost/shop", { services: { api: { secrets: ["DB_PASSWORD"] } } }));
  file.config["slipway:secret.api.DB_PASSWORD"] = { secure: "v1:IHHDdsRyVvSjLu19:ntg1KBATYeyVyp" };
  expect((await read(stringify(file))).services).toHaveLength(2);
});

it.each(["dev", "local", "prod", "qa", "staging", "strategies"])("reads this project's own stack %s", (stack) => {
  const text = readFileSync(`${projectRoot}/stacks/Pulumi.${stack}.yaml`, "utf8");
  const { services } = readEnvironment(projectRoot, stack, text);
  const report = stack === "strategies" ? ["report"] : [];
  expect(services.map(({ name }) => name)).toEqual(["web", "api", "orders", "worker", ...report]);
});

it("refuses a config with every fault, each with its file", async () => {
  const text = stackText("localhost/shop", { url: { port: "many" }, services: { api: { porrt: 80 } } });
  const fault = await faultOf(text);
  expect(fault).toContain("stacks/Pulumi.dev.yaml:11: url.port:");
  expect(fault).toContain(
    "stacks/Pulumi.dev.yaml:14: services.api.porrt: 80 given; not a known key. Did you mean port?",
  );
});

it("refuses a stack's file that is not YAML, with its name and the fault", async () => {
  expect(await faultOf("config: [\n")).toMatch(/stacks\/Pulumi\.dev\.yaml.*Flow sequence/);
});

it.each([
  ["empty", ""],
  ["a list", "- 1\n"],
  ["without an environment", "config:\n  slipway:release: v1.0.0\n"],
])("refuses a stack's file that is %s, with what is missing", async (_, text) => {
  expect(await faultOf(text)).toContain("cluster: nothing given; required, a map. Add it.");
});

it("refuses a shared file that is missing or not YAML", async () => {
  expect(await faultOf(stackText("localhost/shop"), {})).toContain("stacks/services.yaml: not found");
  expect(await faultOf(stackText("localhost/shop"), { "stacks/services.yaml": "a: [\n" })).toContain(
    "stacks/services.yaml:2: ",
  );
});

it("atReleases gives each service its release, with tags of the shared file below those of the stack's", async () => {
  const files = projectFiles({});
  const shared = parse(files["stacks/services.yaml"] as string);
  shared.services.web = { ...shared.services.web, tag: "v0.5.0" };
  const environment = await read(stackText("localhost/shop"), { "stacks/services.yaml": stringify(shared) });
  const releases = (tags: Record<string, string>) =>
    atReleases(environment, { release: "v1.1.0", tags }).services.map(({ name, release }) => `${name} ${release}`);
  expect(releases({})).toEqual(["api v1.1.0", "web v0.5.0"]);
  expect(releases({ web: "v0.9.0" })).toEqual(["api v1.1.0", "web v0.9.0"]);
});

it("requireServices lists the services of the stack", async () => {
  const environment = await read(stackText("localhost/shop"));
  expect(() => requireServices(environment, ["api", "web"])).not.toThrow();
  expect(() => requireServices(environment, ["old", "api", "apii"])).toThrow(
    "--service old, apii: dev does not run it. It runs api, web.",
  );
});
