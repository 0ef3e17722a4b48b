import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Failure } from "../failure.ts";
import { Fields } from "./fields.ts";
import { isValuesFile, readManifests } from "./read-manifests.ts";

/** The manifests of one environment. */
export interface Source {
  /** Undefined if no environment was named. */
  name: string | undefined;
  manifests: Fields[];
}

/** What an environment was given: a name, and a file or folder. */
export type NamedPath = readonly [name: string, path: string];

/**
 * The manifests of each environment: those of `paths`, and over them those of its own, by kind and name. What an environment is given may
 * also be a file with values for the charts among `paths`.
 *
 * @throws Failure for what cannot be read
 */
export async function readSources(paths: readonly string[], environments: readonly NamedPath[]): Promise<Source[]> {
  const folder = process.cwd();
  let piped: string | undefined;
  const input = () => {
    piped ??= readFileSync(0, "utf8");
    return piped;
  };
  const isValues = (path: string) =>
    path !== "-" && (!existsSync(resolve(folder, path)) || isValuesFile(resolve(folder, path)));
  const read = async (name: string | undefined, given: readonly string[]): Promise<Source> => {
    const values = given.filter(isValues);
    const own = given.filter((path) => !isValues(path));
    if (values.length > 0 && paths.length === 0) {
      throw new Failure(
        `import: --env ${name}=${values[0]}: no such file or folder with manifests. Values need a chart: name its folder too.`,
      );
    }
    const shared = paths.length > 0 ? await readManifests({ paths, values, folder, input }) : [];
    const over = own.length > 0 ? await readManifests({ paths: own, folder, input }) : [];
    return { name, manifests: replaced(shared, over) };
  };
  const names = [...new Set(environments.map(([name]) => name))];
  const sources: Source[] = [];
  for (const name of names) {
    sources.push(
      await read(
        name,
        environments.filter(([other]) => other === name).map(([, path]) => path),
      ),
    );
  }
  return names.length > 0 ? sources : [await read(undefined, [])];
}

/** Manifests with others over them. The same object in two files is the last one, as after kubectl apply. */
function replaced(manifests: readonly Fields[], over: readonly Fields[]): Fields[] {
  const found = new Map<string, Fields>();
  for (const fields of [...manifests, ...over]) {
    const { namespace = "" } = fields.manifest.metadata;
    found.set(`${fields.kind} ${String(namespace)} ${fields.name}`, new Fields(fields.file, fields.manifest));
  }
  return [...found.values()];
}
