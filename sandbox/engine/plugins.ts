/** The part of what `installPlugins` returns that a reader needs. A plugin without a kind of its own has the common one. */
export interface InstalledPlugins {
  kind?: string;
  plugins: readonly { name: string; kind?: string }[];
}

/** Says which plugins are official builds and which are stand-ins: `kubernetes: official; aws, docker: stand-in`. */
export function describePlugins({ kind, plugins }: InstalledPlugins): string {
  const byKind = Map.groupBy(plugins, (plugin) => plugin.kind ?? kind ?? "unknown");
  return [...byKind]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(
      ([name, members]) =>
        `${members
          .map((member) => member.name)
          .sort()
          .join(", ")}: ${name}`,
    )
    .join("; ");
}
