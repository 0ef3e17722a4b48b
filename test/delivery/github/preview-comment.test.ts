import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Changes, readChanges, type ServiceChange } from "../../../delivery/engine/changes.ts";
import type { ResourceChange } from "../../../delivery/engine/steps.ts";
import { commentMarker, previewComment } from "../../../delivery/github/preview-comment.ts";
import { redact } from "../../../delivery/secrets.ts";
import { buildPreview, diagnostic, secret, started } from "../engine/events.ts";

/** https://docs.github.com/rest/issues/comments */
const MOST = 65_536;

const change = (over: Partial<ResourceChange> = {}): ResourceChange => ({
  op: "update",
  type: "aws:s3/bucket:Bucket",
  name: "artifacts",
  stateful: false,
  differences: [],
  ...over,
});
const changes = (over: Partial<Changes>): Changes => ({
  services: [],
  resources: [],
  unchanged: 0,
  migrations: [],
  problems: [],
  ...over,
});
const commentOn = (over: Partial<Changes>, facts: { failure?: string; url?: string } = {}) =>
  previewComment({ stack: "dev", changes: changes(over), ...facts });
const times = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));

/** Within GitHub's limit, and with every fold and code block closed. */
function expectValid(comment: string): void {
  expect(comment.length).toBeLessThan(MOST);
  expect(comment.startsWith(commentMarker("dev"))).toBe(true);
  expect(comment).not.toMatch(/\p{Surrogate}/u);
  const depths = [0];
  for (const [, end] of comment.matchAll(/<(\/?)details>/g)) depths.push((depths.at(-1) ?? 0) + (end ? -1 : 1));
  expect(Math.min(...depths)).toBe(0);
  expect(Math.max(...depths)).toBeLessThanOrEqual(1);
  expect(depths.at(-1)).toBe(0);
  expect(comment.match(/^```/gm)?.length ?? 0).toSatisfy((fences: number) => fences % 2 === 0);
}

describe("previewComment", () => {
  it("starts with the counts and the services, and folds the rest", () => {
    const services: ServiceChange[] = [
      { name: "api", op: "update", from: "v1", to: "v2" },
      { name: "orders", op: "delete", from: "v1" },
      { name: "web", op: "update", from: "v1", to: "v1" },
      { name: "worker", op: "create", to: "v2" },
    ];
    const resources = [
      change({
        name: "<main> & co",
        differences: [
          { path: "tags.team", from: "shop", to: "sale" },
          { path: "acl", to: null },
        ],
      }),
      change({ op: "create", name: "logs" }),
      change({ op: "delete", type: "aws:iam/role:Role", name: "<old> & gone" }),
    ];
    expect(
      commentOn({ services, resources, unchanged: 12 }, { url: "https://ci/1" }),
    ).toBe(`<!-- slipway-preview:dev -->
### Preview of \`dev\`

**1** to create, **1** to update, **1** to delete, 12 unchanged

| Service | | Current release | New release |
|---|---|---|---|
| \`api\` | update | \`v1\` | **\`v2\`** |
| \`orders\` | delete | \`v1\` | **removed** |
| \`web\` | update | \`v1\` | unchanged, config changes |
| \`worker\` | create | – | **\`v2\`** |

<details><summary>3 changes</summary>

- **− delete** \`<old> & gone\` \`aws:iam/role:Role\`
- + create \`logs\` \`aws:s3/bucket:Bucket\`
- ~ update \`<main> & co\` \`aws:s3/bucket:Bucket\`

</details>

<details><summary>~ &lt;main> &amp; co (aws:s3/bucket:Bucket)</summary>

\`\`\`diff
- tags.team: "shop"
+ tags.team: "sale"
+ acl: null
\`\`\`

</details>


[Log](https://ci/1)`);
  });

  it("says that an image will be built, and shows no value of the release as removed", () => {
    const comment = commentOn(readChanges(buildPreview("api", "v1", "v2")));
    expect(comment).toContain("| `api` | update | `v1` | **`v2`**, image will be built |");
    expect(comment).toContain('+ values.image: "[known after the image is built]"');
    expect(comment).not.toMatch(/^[-+] version/m);
    // Every value that is removed in the diff has a new one.
    const lines = [...comment.matchAll(/^([-+]) (\S+): /gm)];
    const paths = (sign: string) => lines.filter(([, found]) => found === sign).map(([, , path]) => path);
    expect(paths("-")).toEqual(paths("+"));
  });

  it("reports that nothing changes, or that the preview failed", () => {
    expect(commentOn({ unchanged: 12 })).toBe(`${commentMarker("dev")}\n### Preview of \`dev\`\n\nNo changes.`);
    const failed = commentOn({ resources: [change()] }, { failure: "no such host", url: "https://ci/1" });
    expect(failed).toContain(
      "❌ **The preview failed.** Nothing was changed.\n\n```\nno such host\n```\n\n[Log](https://ci/1)",
    );
  });

  const ops = ["create", "update", "replace", "delete"] as const;
  it.each(ops.flatMap((op) => [true, false].map((stateful) => ({ op, stateful }))))(
    "starts with a warning if data is lost, and only then: %o",
    ({ op, stateful }) => {
      const comment = commentOn({ resources: [change(), change({ op, stateful, name: "orders" })] });
      const isLost = stateful && (op === "delete" || op === "replace");
      const warning = `> [!CAUTION]\n> **THIS DELETES RESOURCES THAT HOLD DATA.**\n> - **${op.toUpperCase()}** \`orders\` (\`aws:s3/bucket:Bucket\`)\n\n`;
      expect(comment.includes("CAUTION")).toBe(isLost);
      if (isLost) expect(comment.indexOf(warning)).toBeLessThan(comment.indexOf("to update"));
      if (isLost) expect(comment).toContain(warning);
    },
  );

  it("lists the migrations, also if nothing else changes", () => {
    const migrations = ["api v2: migration expand runs before the rollout: /app `x` migrate"];
    expect(commentOn({ migrations })).toContain(
      "- `api v2: migration expand runs before the rollout: /app 'x' migrate`",
    );
  });

  it("keeps each name in its table cell", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "|", "`", "*", " ", "||"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, text, (name, tag) => {
        const comment = commentOn({
          services: [{ name, op: "update", from: tag, to: `${tag}x` }],
          resources: [change()],
        });
        const row = comment.split("\n").find((line) => line.startsWith("| `")) ?? "";
        expect(row.split(/(?<!\\)\|/)).toHaveLength(6);
        const cells = row.split(/(?<!\\)\|/).map((cell) => cell.match(/`/g)?.length ?? 0);
        expect(cells).toEqual([0, 2, 0, 2, 2, 0]);
      }),
    );
  });

  it("keeps each value in its diff", () => {
    const value = "```\n</details>\n# Approved";
    const comment = commentOn({ resources: [change({ differences: [{ path: "text", from: value, to: [value] }] })] });
    expect(comment.match(/```/g)).toHaveLength(2);
    expect(comment).not.toMatch(/^(# Approved|<\/details>\n# )/m);
  });

  it("notifies nobody whose name a resource has", () => {
    const differences = [{ path: "owner", from: "@example/team", to: "@ada" }];
    const comment = commentOn({ resources: [change({ name: "@example/team", differences })] });
    const outsideOfCode = comment.replaceAll(/```[\s\S]*?```/g, "").replaceAll(/`[^`\n]*`/g, "");
    expect(outsideOfCode).toContain("@<!-- -->example/team");
    expect(outsideOfCode).not.toMatch(/@\w/);
  });

  it("keeps a failure in its code block", () => {
    const comment = commentOn({}, { failure: "a\n```\n# Approved\n````\n" });
    expect(comment.match(/```/g)).toHaveLength(2);
  });

  it("has a marker that is not another stack's", () => {
    expect(previewComment({ stack: "dev-2", changes: changes({}) })).not.toContain(commentMarker("dev"));
  });
});

describe("a long comment", () => {
  it("fits for 3,000 resources with many differences, and says how much it leaves out", () => {
    const differences = times(20, (at) => ({ path: `values.key${at}`, from: "x".repeat(300), to: "y".repeat(300) }));
    const resources = times(3000, (at) => change({ name: `resource-${at}`, differences }));
    const comment = commentOn({ resources, unchanged: 7 }, { url: "https://ci/1" });
    expectValid(comment);
    expect(comment).toContain("**3000** to update, 7 unchanged");
    expect(comment).toContain("3000 more do not fit here; see the log.\n\n[Log](https://ci/1)");
  });

  it("shows as many diffs as fit", () => {
    const differences = [{ path: "key", from: "x".repeat(150), to: "y".repeat(150) }];
    const comment = commentOn({ resources: times(300, (at) => change({ name: `resource-${at}`, differences })) });
    expectValid(comment);
    const [, left] = /\n(\d+) more do not fit here/.exec(comment) ?? [];
    expect(Number(left) + (comment.match(/```diff/g) ?? []).length).toBe(300);
    expect(Number(left)).toBeLessThan(250);
  });

  it("shows short diffs after long ones that do not fit", () => {
    const long = times(40, (at) => ({ path: `key${at}`, from: "x".repeat(500), to: "y".repeat(500) }));
    const short = [{ path: "port", from: 80, to: 81 }];
    const comment = commentOn({
      resources: [
        ...times(10, (at) => change({ name: `long-${at}`, differences: long })),
        ...times(10, (at) => change({ name: `short-${at}`, differences: short })),
      ],
    });
    expectValid(comment);
    for (let at = 0; at < 10; at++) expect(comment).toContain(`<summary>~ short-${at} (`);
    expect(comment).toMatch(/\n[1-9] more do not fit here/);
  });

  it("keeps room for every part", () => {
    const comment = commentOn({
      services: times(3000, (at) => ({ name: `service-${at}`, op: "update", from: "v1", to: "v2" })),
      resources: times(3000, (at) => change({ name: `resource-${at}`, op: "delete", stateful: true })),
    });
    expectValid(comment);
    expect(comment).toContain("> - **DELETE** `resource-0`");
    expect(comment).toContain("**3000** to delete, 0 unchanged");
    expect(comment).toContain("| `service-0` | update |");
    expect(comment).toContain("<summary>3000 changes</summary>\n\n- **− delete** `resource-0`");
    expect(comment.match(/and \d+ more/g)).toHaveLength(3);
  });

  it("is valid wherever it is truncated", () => {
    const many = fc.nat(600);
    fc.assert(
      fc.property(many, many, many, fc.integer({ min: 1, max: 150 }), (updates, losses, services, length) => {
        const name = "n".repeat(length);
        const comment = commentOn({
          services: times(services, () => ({ name, op: "update", from: "v1", to: "v2" })),
          resources: [
            ...times(updates + 1, () => change({ name, differences: [{ path: "a", from: 1, to: 2 }] })),
            ...times(losses, () => change({ name, op: "delete", stateful: true })),
          ],
        });
        expectValid(comment);
        if (losses > 0) expect(comment).toContain("[!CAUTION]");
      }),
      { numRuns: 60 },
    );
  });

  it("is valid at whichever character its longest part is truncated", () => {
    const comment = (length: number) =>
      commentOn({ resources: times(600, (at) => change({ name: "n".repeat(at === 0 ? length : 50) })) });
    const isCut = (length: number) => comment(length).includes("…");
    let [uncut, cut] = [1, MOST];
    expect([isCut(uncut), isCut(cut)]).toEqual([false, true]);
    while (cut - uncut > 1) {
      const middle = Math.floor((uncut + cut) / 2);
      if (isCut(middle)) cut = middle;
      else uncut = middle;
    }
    for (let length = uncut; length < cut + 100; length++) expectValid(comment(length));
  });

  it.each([
    ["a gigantic line", "x".repeat(1_000_000)],
    ["nothing but fences", "```".repeat(300_000)],
    ["fences and line breaks", "`````\n".repeat(100_000)],
    ["characters of two units", "a😀".repeat(300_000)],
  ])("fits for a failure of %s", (_, failure) => {
    expectValid(commentOn({}, { failure, url: "https://ci/1" }));
    expect(commentOn({}, { failure, url: "https://ci/1" })).toContain("\n```\n\n[Log](https://ci/1)");
  });

  it("does not split surrogate pairs", () => {
    for (const start of ["", "a"]) {
      const differences = [{ path: "text", to: `${start}${"😀".repeat(500)}` }];
      expectValid(commentOn({ resources: [change({ differences })] }));
      expectValid(commentOn({ resources: times(3000, () => change({ name: `${start}${"😀".repeat(30)}` })) }));
    }
  });
});

describe("a secret", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("of the stack is not in the comment", () => {
    const step = { old: { data: secret("hush") }, new: { data: "x", key: secret("hush") }, diffs: ["data", "key"] };
    const comment = commentOn(readChanges([started("update", "kubernetes:core/v1:Secret::api", step)]));
    expect(comment).toContain("[secret]");
    expect(comment).not.toContain("hush");
  });

  it("of the environment is not in the comment, not even partly where a text is truncated", () => {
    const token = "a-token-that-no-comment-may-show";
    vi.stubEnv("SOME_TOKEN", token);
    for (let at = 0; at < token.length; at++) {
      const value = `${"x".repeat(170 + at)}${token}`;
      const step = { old: { url: "" }, new: { url: value }, diffs: ["url"] };
      const found = readChanges([started("update", "aws:sns/topic:Topic::alarms", step)]);
      const comment = redact(previewComment({ stack: "dev", changes: found }));
      expect(comment).not.toContain(token.slice(0, 6));
      const { problems } = readChanges([diagnostic("error", `${"x".repeat(29_970 + at)}${token}`)]);
      const failed = redact(previewComment({ stack: "dev", changes: found, failure: problems.join("\n") }));
      expect(failed).not.toContain(token.slice(0, 6));
    }
  });
});
