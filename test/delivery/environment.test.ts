import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { checkServices, readEnvironment } from "../../delivery/environment.ts";
import { Failure } from "../../delivery/failure.ts";
import { projectRoot } from "../project-root.ts";
import { projectFiles, stackText } from "./project.ts";
import { Clone } from "./repositories.ts";

async function rootWith(files: Record<string, string>): Promise<string> {
  const clone = await Clone.alone();
  for (const [file, content] of Object.entries(files)) clone.write(file, content);
  return clone.root;
}

/** The environment of a stack's file, with what all stacks share. */
const read = async (text: string, files = projectFiles({})) => readEnvironment(await rootWith(files), "dev", text);

/** What is said of it. @throws what is no Failure */
async function faultOf(text: string, files = projectFiles({})): Promise<string> {
  try {
    await read(text, files);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return "";
}

it("is what all stacks share with the stack's own over it, of those services that are on", async () => {
  const services = { api: { tag: "v0.9.0", build: { context: "other" } } };
  const { config, services: delivered } = await read(stackText("localhost/shop", { services }));
  expect(delivered).toEqual([
    { name: "api", release: "v0.9.0", context: "other" },
    { name: "web", release: "v1.0.0", context: "." },
  ]);
  expect(config).toMatchObject({ namespace: "shop", images: { repository: "localhost/shop" } });
});

it("needs no key to the stack's secrets", async () => {
  const file = parse(stackText("localhost/shop", { services: { api: { secrets: ["DB_PASSWORD"] } } }));
  file.config["slipway:secret.api.DB_PASSWORD"] = { secure: "v1:IHHDdsRyVvSjLu19:ntg1KBATYeyVyp" };
  expect((await read(stringify(file))).services).toHaveLength(2);
});

it.each(["dev", "local", "prod", "qa", "staging"])("is read of this project's own stack %s", (stack) => {
  const text = readFileSync(`${projectRoot}/stacks/Pulumi.${stack}.yaml`, "utf8");
  const { services } = readEnvironment(projectRoot, stack, text);
  expect(services.map(({ name }) => name)).toEqual(["web", "api", "orders", "worker"]);
});

it("is refused with every fault, each by the file that it is in", async () => {
  const text = stackText("localhost/shop", { url: { port: "many" }, services: { api: { porrt: 80 } } });
  const fault = await faultOf(text);
  expect(fault).toContain("stacks/Pulumi.dev.yaml:11: url.port:");
  expect(fault).toContain(
    "stacks/Pulumi.dev.yaml:14: services.api.porrt: 80 given; not a known key. Did you mean port?",
  );
});

it("is refused for a stack's file that is no YAML, by its name and what is wrong", async () => {
  expect(await faultOf("config: [\n")).toMatch(/stacks\/Pulumi\.dev\.yaml.*Flow sequence/);
});

it.each([
  ["empty", ""],
  ["a list", "- 1\n"],
  ["without an environment", "config:\n  slipway:release: v1.0.0\n"],
])("is refused for a stack's file that is %s, by what lacks", async (_, text) => {
  expect(await faultOf(text)).toContain("cluster: nothing given; required, a map. Add it.");
});

it("is refused where what all stacks share is missing or no YAML", async () => {
  expect(await faultOf(stackText("localhost/shop"), {})).toContain("stacks/services.yaml: not found");
  expect(await faultOf(stackText("localhost/shop"), { "stacks/services.yaml": "a: [\n" })).toContain(
    "stacks/services.yaml:2: ",
  );
});

it("knows which services it runs", async () => {
  const environment = await read(stackText("localhost/shop"));
  expect(() => checkServices(environment, ["api", "web"])).not.toThrow();
  expect(() => checkServices(environment, ["old", "api", "apii"])).toThrow(
    "--service old, apii: dev does not run it. It runs api, web.",
  );
});
