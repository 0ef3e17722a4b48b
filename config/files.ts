import { readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import type { EnvironmentSettings } from "./environment.ts";
import { ConfigError, describeFault, type Fault } from "./fault.ts";

/** Of the data of a ConfigMap or a Secret: https://kubernetes.io/docs/concepts/configuration/configmap/ */
export const MOST_BYTES = 1024 * 1024;

/**
 * The texts of all services' files, by service and by the key in their ConfigMap.
 *
 * @param root the project's folder
 * @throws ConfigError with every file that cannot be read, and every service whose files are too large together
 */
export function readFiles(
  root: string,
  { services, sources }: Pick<EnvironmentSettings, "services" | "sources">,
): Map<string, Record<string, string>> {
  const faults: Fault[] = [];
  const texts = new Map<string, Record<string, string>>();
  for (const { name, files, podValues } of services) {
    const read: Record<string, string> = {};
    for (const { path, key } of podValues.files ?? []) {
      const file = files[key] ?? "";
      const text = typeof file === "string" ? file : readText(root, file.from);
      if (typeof text === "string") read[key] = text;
      else faults.push({ path: ["services", name, "files", path, "from"], message: text.fault });
    }
    const bytes = Object.entries(read).reduce((sum, [key, text]) => sum + key.length + Buffer.byteLength(text), 0);
    if (bytes > MOST_BYTES) {
      const message = `together ${bytes} bytes; a ConfigMap holds ${MOST_BYTES}. Put the large ones into the image`;
      faults.push({ path: ["services", name, "files"], message, hideValue: true });
    }
    texts.set(name, read);
  }
  if (faults.length > 0) throw new ConfigError(faults.map((fault) => describeFault(fault, sources)));
  return texts;
}

function readText(root: string, from: string): string | { fault: string } {
  try {
    const [project, path] = [realpathSync(root), realpathSync(join(root, from))];
    if (!path.startsWith(project + sep)) {
      return {
        fault: "not in the project's folder. Copy the file into it, so that every machine deploys the same text",
      };
    }
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) return { fault: "not text in UTF-8. Put the file into the image" };
    const { code = "" } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file in the project's folder" : `cannot be read (${code})`;
    return { fault: `${reason}. Give the path of a text file, relative to that folder` };
  }
}
