import { afterEach, describe, expect, it, vi } from "vitest";
import { openRepository } from "../../../delivery/git/repository.ts";
import { GitHub } from "../../../delivery/github/client.ts";
import { serve } from "../../components/images/registry-server.ts";
import { FakeGitHub } from "../../e2e/github-and-slack.ts";
import { stubMachine } from "../machine.ts";
import { Clone } from "../repositories.ts";

const COMMIT = "5e15f0a".padEnd(40, "0");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function connect(url: string): Promise<GitHub> {
  const environment = { GITHUB_TOKEN: "a-token", GITHUB_API_URL: url, GITHUB_REPOSITORY: "example/shop" };
  const github = await GitHub.connect(undefined, environment);
  if (github === undefined) throw new Error("not connected");
  return github;
}

async function fake(): Promise<{ fake: FakeGitHub; github: GitHub }> {
  const fake = new FakeGitHub("a-token");
  await fake.server.start();
  closers.push(() => fake.server.cut());
  return { fake, github: await connect(fake.server.url) };
}

/** An API with paged lists, by path. Anything else has one page. */
async function paged(pages: Record<string, unknown[]>): Promise<{ github: GitHub; asked: string[]; url: string }> {
  const asked: string[] = [];
  const { address, close } = await serve((request, response) => {
    asked.push(request.url ?? "");
    const url = new URL(request.url ?? "", "http://x");
    const page = Number(url.searchParams.get("page") ?? 1);
    const path = url.pathname.replace("/repos/example/shop", "");
    const all = pages[path] ?? [];
    if (all.length === 0 && /\/(graphql|user)$/.test(path)) return void response.writeHead(403).end("{}");
    url.searchParams.set("page", String(page + 1));
    const link = page < all.length ? { link: `<http://${address}${url.pathname}${url.search}>; rel="next"` } : {};
    response.writeHead(200, { "content-type": "application/json", ...link }).end(JSON.stringify(all[page - 1] ?? []));
  });
  closers.push(close);
  const url = `http://${address}`;
  return { github: await connect(url), asked, url };
}

describe("the repository", () => {
  it.each([
    ["https://github.com/example/shop.git", "/repos/example/shop"],
    ["https://ci:password@github.com/example/shop", "/repos/example/shop"],
    ["git@github.com:example/my.shop.git", "/repos/example/my.shop"],
    ["ssh://git@github.com/example/shop/", "/repos/example/shop"],
  ])("is found from the remote's URL %s", async (address, place) => {
    stubMachine();
    const { asked, url } = await paged({});
    const clone = await Clone.alone();
    await clone.git("remote", "add", "origin", address);
    const github = await GitHub.connect(await openRepository(clone.root), {
      GITHUB_TOKEN: "a-token",
      GITHUB_API_URL: url,
    });
    await github?.findComment(7, "marker");
    expect(asked).toEqual([`${place}/issues/7/comments?per_page=100`]);
  });

  it("is not found on another host, or without a token", async () => {
    stubMachine();
    const clone = await Clone.alone();
    const git = await openRepository(clone.root);
    expect(await GitHub.connect(git, { GITHUB_TOKEN: "a-token" })).toBeUndefined();
    await clone.git("remote", "add", "origin", "https://bitbucket.org/example/shop.git");
    expect(await GitHub.connect(git, { GITHUB_TOKEN: "a-token" })).toBeUndefined();
    expect(await GitHub.connect(git, { GITHUB_REPOSITORY: "example/shop" })).toBeUndefined();
  });
});

describe("the pull request of a commit", () => {
  it("is the one whose merge it is, with the person who merged it", async () => {
    // merged_by is not in lists.
    const list = [
      { number: 6, merge_commit_sha: COMMIT, merged_at: null },
      { number: 7, merge_commit_sha: COMMIT, merged_at: "2026-01-31T12:00:00Z" },
    ];
    const whole = {
      number: 7,
      title: "[minor] Add gift cards",
      html_url: "https://github.com/example/shop/pull/7",
      labels: [{ name: "minor" }],
      user: { login: "dependabot[bot]", type: "Bot" },
      merged_by: { login: "grace", html_url: "https://github.com/grace" },
    };
    const { github } = await paged({ [`/commits/${COMMIT}/pulls`]: [list], "/pulls/7": [whole] });
    expect(await github.findPullRequest(COMMIT)).toEqual({
      number: 7,
      title: "[minor] Add gift cards",
      url: "https://github.com/example/shop/pull/7",
      labels: ["minor"],
      isBot: true,
      mergedBy: { login: "grace", url: "https://github.com/grace" },
    });
  });

  it("is an open one that contains it, if none is merged", async () => {
    const { fake: server, github } = await fake();
    expect(await github.findPullRequest(COMMIT)).toBeUndefined();
    server.pullRequests.push({ number: 6, title: "not merged", merge_commit_sha: COMMIT, merged_at: null });
    expect(await github.findPullRequest(COMMIT)).toMatchObject({ number: 6 });
    expect(server.unexpected).toEqual([]);
  });
});

describe("our comment with a marker", () => {
  const marker = "<!-- marker -->";
  const body = `${marker}\nPreview`;
  const by = (login: string, type = "User") => ({ user: { login, type } });
  const bot = by("github-actions[bot]", "Bot");

  it("is found on any page, and no further page is requested", async () => {
    const { github, asked } = await paged({
      "/issues/7/comments": [
        [{ id: 1, body: "LGTM" }, { id: 2 }],
        [{ id: 3, body, ...bot }],
        [{ id: 4, body: `${marker}\nlater`, ...bot }],
      ],
    });
    expect(await github.findComment(7, marker)).toEqual({ id: 3, body });
    const pages = asked.filter((url) => url.includes("/comments"));
    expect(pages).toHaveLength(2);
    expect(pages[0]).toContain("per_page=100");
  });

  it("is undefined if no page has it", async () => {
    const { github } = await paged({ "/issues/7/comments": [[{ id: 1, body: "LGTM" }], [{ id: 2, body: "+1" }]] });
    expect(await github.findComment(7, marker)).toBeUndefined();
  });

  const others = [
    { id: 1, body, ...by("mallory") },
    { id: 2, body, ...by("github-actions") },
    { id: 3, body, ...by("slipway") },
    { id: 4, body, ...by("other[bot]", "Bot") },
    // The account is deleted.
    { id: 5, body, user: null },
  ];

  it.each([
    ["a job's token", { data: { viewer: { login: "github-actions[bot]" } } }, undefined, bot],
    ["a GitHub App's token", { data: { viewer: { login: "slipway[bot]" } } }, undefined, by("slipway[bot]", "Bot")],
    [
      "a GitHub App whose suffix GraphQL leaves out",
      { data: { viewer: { login: "slip" } } },
      undefined,
      by("slip[bot]", "Bot"),
    ],
    ["a person's token", { data: { viewer: { login: "Ada" } } }, undefined, by("ada")],
    ["a person's token without GraphQL", undefined, { login: "ada" }, by("ada")],
    ["a token that tells nobody's name", undefined, undefined, bot],
  ])("is not one that somebody else wrote, with %s", async (_, graphql, user, author) => {
    const { github } = await paged({
      "/issues/7/comments": [others, [{ id: 6, body, ...author }]],
      ...(graphql && { "/graphql": [graphql] }),
      ...(user && { "/user": [user] }),
    });
    expect(await github.findComment(7, marker)).toEqual({ id: 6, body });
  });

  it("is asked for at GitHub Enterprise's own address", async () => {
    const { asked, url } = await paged({ "/api/v3/issues/7/comments": [[{ id: 1, body, ...bot }]] });
    const environment = { GITHUB_TOKEN: "a-token", GITHUB_API_URL: `${url}/api/v3`, GITHUB_REPOSITORY: "example/shop" };
    await (await GitHub.connect(undefined, environment))?.findComment(7, marker);
    expect(asked).toEqual([
      "/api/v3/repos/example/shop/issues/7/comments?per_page=100",
      "/api/v3/user",
      "/api/graphql",
    ]);
  });
});

describe("the jobs of a run", () => {
  const job = (name: string, conclusion: string | null, completed_at: string | null) => ({
    name,
    status: conclusion ? "completed" : "in_progress",
    conclusion,
    started_at: "2026-01-31T12:00:00Z",
    completed_at,
  });

  it("have a result and a duration, without those that were skipped", async () => {
    const { github } = await paged({
      "/actions/runs/4711/jobs": [
        { total_count: 4, jobs: [job("version", "success", "2026-01-31T12:00:09Z"), job("dev", "skipped", null)] },
        { total_count: 4, jobs: [job("prod", "failure", "2026-01-31T12:01:01Z"), job("notify", null, null)] },
      ],
    });
    expect(await github.listJobs(4711)).toEqual([
      { name: "version", result: "success", seconds: 9 },
      { name: "prod", result: "failure", seconds: 61 },
      { name: "notify", result: "in_progress" },
    ]);
  });
});

it("fails with GitHub's reason", async () => {
  const { address, close } = await serve((_, response) =>
    response
      .writeHead(403, { "content-type": "application/json" })
      .end(JSON.stringify({ message: "Resource not accessible by integration" })),
  );
  closers.push(close);
  const github = await connect(`http://${address}`);
  await expect(github.createComment(7, "body")).rejects.toThrow("Resource not accessible by integration");
});
