import type { VersionPart } from "./version-number.ts";

const PARTS = ["major", "minor", "patch"] as const;

/** What titles begin with. https://www.conventionalcommits.org, its Angular convention, and what teams write instead. */
const TYPES: Readonly<Record<string, VersionPart>> = {
  "breaking change": "major",
  breaking: "major",
  feat: "minor",
  feature: "minor",
  ...Object.fromEntries(
    ["fix", "bugfix", "hotfix", "perf", "refactor", "revert", "docs", "style", "test", "build", "ci", "chore"].map(
      (type) => [type, "patch" as const],
    ),
  ),
};

/** What may stand before a title's type: marks of a draft, emoji, tickets, and brackets that name something else. */
const BEFORE = [
  /^(?:wip|draft)\b[\s:/|-]*/i,
  /^(?:fixup|squash|amend)!\s*/i,
  /^(?:(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200D|\uFE0F)+|:[a-z0-9_+-]+:)\s*/u,
  /^(?:[a-z][a-z0-9]*-|#|!)\d+\b[\s:,/|_-]*/i,
  /^(?:\[[^\]]*\]|\([^)]*\)|<[^>]*>|\{[^}]*\})[\s:/|-]*/,
];

/** The title of a reverted or reapplied pull request, as git and GitHub write it. A long one may lose its closing quote. */
const QUOTED = /^(?<before>.*?)\b(?<kind>revert|reapply)\s*:?\s+"(?<inner>.*?)(?:"(?<after>[^"]*))?$/is;

/** Titles of Dependabot, Renovate and Snyk. Their own words, and not those of the dependency, decide. */
const DEPENDENCY =
  /^(?:bump (?:the .+ group\b|.+ from \S*\d\S* to \S*\d)|update dependency .+ to |update .+ (?:docker tag|digest|action|orb|monorepo) to |(?:pin|roll back) dependenc|lock file maintenance|\[snyk\] )/i;

/**
 * The part of the version that a pull request's title asks to increment: `[major]`, `[minor]` or `[patch]` anywhere in it, else the
 * type that it begins with, such as `feat: …` or `[FEAT] …`. The largest of several marks counts. A revert is a patch, whatever it
 * reverts.
 *
 * @param types a team's own types by what titles begin with, beside the known ones
 * @returns undefined if the title says nothing
 */
export function versionPartFromTitle(
  title: string,
  types: Readonly<Record<string, VersionPart>> = {},
): VersionPart | undefined {
  const known = new Map(Object.entries({ ...TYPES, ...typesOf(types) }));
  return partOf(normalize(title), known);
}

type Types = ReadonlyMap<string, VersionPart>;

/** Full-width letters, brackets and colons become plain ones, and both ways to write a Korean syllable the same. */
function normalize(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll(/[【〔「『]/g, "[")
    .replaceAll(/[】〕」』]/g, "]")
    .replaceAll(/[“”„]/g, '"')
    .trim();
}

/** `[FEAT]` and `hotfix:` name the types feat and hotfix. */
function typesOf(types: Readonly<Record<string, VersionPart>>): Record<string, VersionPart> {
  const bare = (name: string) =>
    normalize(name)
      .replaceAll(/^[^\p{L}]+|[^\p{L}\p{N}!]+$/gu, "")
      .toLowerCase();
  return Object.fromEntries(Object.entries(types).map(([name, part]) => [bare(name), part]));
}

function partOf(title: string, types: Types): VersionPart | undefined {
  const { before = "", kind, inner = "", after = "" } = QUOTED.exec(title)?.groups ?? {};
  if (kind === undefined) return partOfRevert(title, types) ?? partOfPlain(title, types);
  const own = markIn(`${before} ${after}`) ?? typeAt(`${before}${kind}`, types);
  if (own !== undefined) return own;
  if (kind.toLowerCase() === "reapply") return partOf(inner, types);
  // The revert of a revert brings the change back.
  const twice = QUOTED.exec(inner)?.groups;
  return twice?.kind?.toLowerCase() === "revert" ? partOf(twice.inner ?? "", types) : "patch";
}

/** A revert without quotes. The marks right after it are those of the reverted title. */
function partOfRevert(title: string, types: Types): VersionPart | undefined {
  const [, breaking, inner = ""] =
    /^revert(?:\([^()]*\))?(!)?(?:\s*:|\s)\s*(\S.*)$/is.exec(withoutBefore(title, types)) ?? [];
  if (inner === "") return undefined;
  if (breaking) return "major";
  return markIn(inner.replace(/^(?:\s*\[[^\]]*\])+/, "")) ?? "patch";
}

function partOfPlain(title: string, types: Types): VersionPart | undefined {
  return markIn(title) ?? typeAt(title, types) ?? (DEPENDENCY.test(title) ? "patch" : undefined);
}

/** The largest of the marks in a text. */
function markIn(text: string): VersionPart | undefined {
  const marks = [...text.matchAll(/\[(major|minor|patch)\]/gi)].map(([, mark]) => mark?.toLowerCase());
  return PARTS.find((part) => marks.includes(part));
}

/** The part of the type that a title begins with, after what may stand before it. */
function typeAt(title: string, types: Types): VersionPart | undefined {
  const { type, breaking } = typePattern(types).exec(withoutBefore(title, types))?.groups ?? {};
  if (type === undefined) return undefined;
  return breaking ? "major" : types.get(type.toLowerCase());
}

/** The title from its type on; the whole rest if it has none. */
function withoutBefore(title: string, types: Types): string {
  const pattern = typePattern(types);
  let rest = title;
  for (;;) {
    const before = BEFORE.find((noise) => noise.test(rest));
    if (before === undefined || pattern.test(rest)) return rest;
    rest = rest.replace(before, "");
  }
}

/** `feat: …`, `feat(api)!: …`, `feat/#12: …`, `[feat] …`, `[feat/ABC-12] …` */
function typePattern(types: Types): RegExp {
  const longestFirst = [...types.keys()].sort((a, b) => b.length - a.length);
  const names = longestFirst.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|");
  const ticket = "(?:[\\s/_-]+(?:[a-z]+-|#)?\\d+)?";
  const plain = `(?<type>${names})${ticket}(?:\\([^()\\n]+\\))?(?<breaking>!)?(?:\\s*:\\s*|\\s+[-–—|]\\s+)\\S`;
  const bracketed = `[[(<{](?<type>${names})(?<breaking>!)?(?:[\\s/:|_#(-][^\\]>}]*)?[\\])>}]\\s*\\S`;
  return new RegExp(`^(?:${plain}|${bracketed})`, "iu");
}
