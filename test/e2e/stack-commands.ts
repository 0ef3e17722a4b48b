import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { shellEnvironment } from "../../sandbox/engine/environment.ts";
import { paths } from "../../sandbox/paths.ts";
import { projectRoot } from "../project-root.ts";
import type { Run } from "./workspace.ts";

interface Resource {
  type: string;
  id?: string;
}

/** A stack of the project itself, by the files that are there: what a person who cloned it has. */
export class Stack {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** `npm run sandbox -- <command>` for this stack. */
  async run(command: "up" | "preview" | "destroy", ...args: string[]): Promise<Run> {
    const { exitCode, all } = await execa("node", ["sandbox/cli.ts", command, "--stack", this.name, ...args], {
      cwd: projectRoot,
      all: true,
      reject: false,
      env: { NO_COLOR: "1" },
    });
    return { exitCode: exitCode ?? -1, output: all ?? "" };
  }

  /** `npm run slipway -- <command>` for this stack, in a shell that is set up for the sandbox. */
  async slipway(command: string, ...args: string[]): Promise<Run> {
    const { PATH, ...environment } = await shellEnvironment({ stack: this.name });
    const { exitCode, all } = await execa("node", ["delivery/cli.ts", command, "--stack", this.name, ...args], {
      cwd: projectRoot,
      all: true,
      reject: false,
      env: { ...environment, PATH: `${PATH}:${process.env.PATH}` },
    });
    return { exitCode: exitCode ?? -1, output: all };
  }

  async up(...args: string[]): Promise<string> {
    return this.demand("up", args);
  }

  async destroy(...args: string[]): Promise<string> {
    return this.isDeployed() ? this.demand("destroy", args) : "";
  }

  isDeployed(): boolean {
    return this.resources().length > 0;
  }

  /** Ids of the resources of these types, as the state has them. */
  idsOf(types: string[]): string[] {
    return this.resources().flatMap(({ type, id }) => (types.includes(type) && id ? [id] : []));
  }

  private resources(): Resource[] {
    try {
      const state = JSON.parse(
        readFileSync(join(paths.stackStates, ".pulumi/stacks/slipway", `${this.name}.json`), "utf8"),
      );
      return state.checkpoint.latest?.resources ?? [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  private async demand(command: "up" | "destroy", args: string[]): Promise<string> {
    const { exitCode, output } = await this.run(command, ...args);
    if (exitCode !== 0) throw new Error(`${command} of ${this.name} failed with ${exitCode}:\n${output}`);
    return output;
  }
}

/** A copy of a stack's file with settings of its environment changed, in a folder of its own that the caller takes away. */
export function stackFileWith(stack: string, environment: Record<string, unknown>): string {
  const document = parseDocument(readFileSync(join(projectRoot, `stacks/Pulumi.${stack}.yaml`), "utf8"));
  for (const [key, value] of Object.entries(environment)) document.setIn(["config", "slipway:environment", key], value);
  const file = join(mkdtempSync(join(tmpdir(), "slipway-stack-")), `Pulumi.${stack}.yaml`);
  writeFileSync(file, document.toString());
  return file;
}
