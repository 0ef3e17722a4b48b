import { platform } from "node:os";
import { execa } from "execa";
import { readEnvironment, requireServices, urlOf } from "../environment.ts";
import { Failure } from "../failure.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { readStackFile } from "../stack-file.ts";

export interface OpenOptions extends CommonOptions {
  stack: string;
}

/** Opens the URL of a service in the browser. The URL is printed too, for machines without one. @throws Failure if it has none. */
export async function open(service: string | undefined, options: OpenOptions, root: string): Promise<void> {
  const { stack, dryRun, json } = options;
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  if (service !== undefined) requireServices(environment, [service]);
  const url = urlOf(environment, service);
  if (url === undefined) {
    const reachable = environment.config.services.filter(({ hosts }) => hosts.length > 0).map(({ name }) => name);
    throw new Failure(
      `open: ${service ?? stack} has no hosts. Services with hosts: ${reachable.join(", ") || "none"}. To give it one, set services.<name>.hosts.`,
    );
  }
  printResult(options, { stack, url, ...(dryRun && { dryRun }) }, url);
  if (dryRun || json) return;
  const result = await execa(OPENERS[platform()] ?? "xdg-open", [url], { reject: false, stdio: "ignore" });
  if (result.failed) info("No browser could be opened here.");
}

const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", linux: "xdg-open" };
