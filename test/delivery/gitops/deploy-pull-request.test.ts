import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  newPullRequestLink,
  openDeployPullRequest,
  pullRequestText,
} from "../../../delivery/gitops/deploy-pull-request.ts";
import { deployBranch } from "../../../delivery/gitops/proposed-deploy.ts";
import { FakeGitHub } from "../../e2e/github-and-slack.ts";
import { schemaFaults } from "../../e2e/published-schemas.ts";
import { captureOutputOf, stubMachine } from "../machine.ts";
import { Remote } from "../repositories.ts";
import { BRANCH, deploy, filesOf, message, open } from "./manifests.ts";

const TOKEN = "an-installation-token";
const REPOSITORY = "https://github.com/example/shop.git";
let github: FakeGitHub;
let remote: Remote;

beforeEach(async () => {
  github = new FakeGitHub(TOKEN);
  await github.server.start();
  stubMachine({ SLIPWAY_MANIFESTS_TOKEN: TOKEN, GITHUB_API_URL: github.server.url });
  remote = await Remote.create();
  await deploy(remote, "v1.0.0");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await github.server.cut();
});

/** Proposes a release, and opens its pull request. */
async function propose(release: string, repository = REPOSITORY) {
  const proposal = await open(remote, (manifests) => {
    manifests.replaceFolder("api", filesOf(release, { "manifests/service.yaml": "port: 80\n" }));
    return manifests.propose(deployBranch("prod", release), message(release));
  });
  if (proposal === undefined) throw new Error("nothing was proposed");
  return captureOutputOf(() => openDeployPullRequest(repository, proposal, message(release)));
}

describe("the pull request of a deploy", () => {
  it("is opened once, with release, services and what changes, and ends with the trailers", async () => {
    const { result, stderr } = await propose("v1.1.0");
    expect([result.url, stderr]).toEqual([
      "https://github.com/example/shop/pull/1",
      expect.stringContaining("Pull request: https://github.com/example/shop/pull/1"),
    ]);
    await propose("v1.1.0");
    expect(github.proposals).toMatchObject([
      { title: "Deploy v1.1.0 to prod", head: "deploy/prod/v1.1.0", base: BRANCH },
    ]);
    expect(github.proposals[0]?.body).toMatch(/\*\*api\*\*: \+3 −2\n- `api\/manifests\/deployment.yaml` \+1 −1/);
    expect(github.proposals[0]?.body).toMatch(
      /Slipway-Deploy: v1.1.0\n.*\n.*\nSlipway-Services: api\n.*\nSlipway-By: Ada Lovelace\n$/,
    );
    expect([github.unexpected, await schemaFaults(github.sent)]).toEqual([[], []]);
  });

  it("tells of another one of the same stack that is still open", async () => {
    await propose("v1.1.0");
    const { stderr } = await propose("v1.2.0");
    expect(stderr).toMatch(/⚠ Other deploys of prod wait for their review: https:\S+\/pull\/1/);
    expect(github.proposals[1]?.body).toContain("Also open: #1.");
  });

  it("is a warning with a link if GitHub cannot be asked, and an advice without a token", async () => {
    await github.server.cut();
    const link = "https://github.com/example/shop/compare/env%2Fprod...deploy%2Fprod%2Fv1.1.0?expand=1";
    const away = await propose("v1.1.0");
    expect([away.result, away.stderr]).toEqual([
      { branch: "deploy/prod/v1.1.0", link },
      expect.stringMatching(/^⚠ The pull request could not be opened .*deploy\/prod\/v1.1.0/),
    ]);
    vi.stubEnv("SLIPWAY_MANIFESTS_TOKEN", undefined);
    const { result, stderr } = await propose("v1.1.0");
    expect([result.link, stderr]).toEqual([
      link,
      expect.stringContaining("With SLIPWAY_MANIFESTS_TOKEN or GITHUB_TOKEN"),
    ]);
  });

  it("is opened by a person on Bitbucket, at a link", async () => {
    const { result, stderr } = await propose("v1.1.0", "git@bitbucket.org:team/manifests.git");
    const link = "https://bitbucket.org/team/manifests/pull-requests/new?source=deploy%2Fprod%2Fv1.1.0&dest=env%2Fprod";
    expect([result.link, stderr]).toEqual([link, expect.stringContaining(link)]);
    expect(github.sent).toEqual([]);
  });

  it("says how much was left out, and stays below GitHub's limit", () => {
    const files = Array.from({ length: 5_000 }, (_, at) => ({
      file: `api-${at % 200}/manifests/${at}.yaml`,
      added: 1,
      removed: 0,
    }));
    const text = pullRequestText({ files, commit: "5e15f0a" }, message());
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/- and 5 more\n.*Slipway-By: Ada Lovelace\n$/s);
  });
});

it.each([
  ["ssh://git@github.com/a/b.git", "https://github.com/a/b/compare/y...x?expand=1"],
  [
    "https://gitlab.example.com/a/b/c.git",
    "https://gitlab.example.com/a/b/c/-/merge_requests/new?merge_request%5Bsource_branch%5D=x&merge_request%5Btarget_branch%5D=y",
  ],
  ["https://x-token-auth@bitbucket.org/a/b", "https://bitbucket.org/a/b/pull-requests/new?source=x&dest=y"],
  ["file:///a/b.git", undefined],
])("the link for a pull request in %s", (repository, link) => {
  expect(newPullRequestLink(repository, "x", "y")).toBe(link);
});
