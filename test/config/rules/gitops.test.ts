import { describe, expect, it } from "vitest";
import { environmentOf, faultsOf } from "../config-of.ts";

const repository = "https://github.com/example/manifests.git";
const service = { image: `docker.io/example/api:1@sha256:${"a".repeat(64)}`, port: 8080, probes: { path: "/healthz" } };
const resources = { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } };
const existing = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  images: { repository: "127.0.0.1:5000/shop" },
  services: { api: { ...service, resources } },
};
const gitops = (more = {}) => ({ delivery: { mode: "gitops", gitops: { repository, ...more } } });

describe("delivery.mode: gitops", () => {
  it("has a branch of the stack's name, the repository's root, and an Argo CD", () => {
    const { gitops: config, addons } = environmentOf(existing, gitops());
    expect(config).toMatchObject({ repository, branch: "env/test", path: "" });
    expect(addons.argoCd.enabled).toBe(true);
    expect(environmentOf(existing, gitops({ branch: "main", path: "clusters/dev" })).gitops).toMatchObject({
      branch: "main",
      path: "clusters/dev",
    });
  });

  it("is off by default, and so is Argo CD", () => {
    expect(environmentOf(existing).gitops).toBeUndefined();
    expect(environmentOf(existing).addons.argoCd.enabled).toBe(false);
  });

  it("leaves out Argo CD where the cluster has one", () => {
    const { addons } = environmentOf(existing, { ...gitops(), addons: { argoCd: { enabled: false } } });
    expect(addons.argoCd.enabled).toBe(false);
  });

  it("needs a repository, and the repository needs the mode", () => {
    expect(faultsOf(existing, { delivery: { mode: "gitops" } })).toEqual([
      expect.stringContaining("delivery.gitops.repository: https://"),
    ]);
    expect(faultsOf(existing, { delivery: { gitops: { repository } } })).toEqual([
      expect.stringContaining("without delivery.mode: gitops it has no effect"),
    ]);
  });

  it.each(["https://user:secret@github.com/a/b.git", "git@github.com:a/b.git", "https://github.com", "https://a/b c"])(
    "refuses the repository %s",
    (url) => {
      expect(faultsOf(existing, { delivery: { mode: "gitops", gitops: { repository: url } } })).toHaveLength(1);
    },
  );

  it("refuses what only an update by Helm can do", () => {
    const migration = { command: ["migrate"], phase: "expand" };
    const faults = faultsOf(existing, {
      ...gitops(),
      addons: { descheduler: { enabled: true } },
      rebalance: "afterDeploy",
      services: { api: { migration }, shop: { ...service, resources, renamedFrom: "web" } },
    });
    expect(faults).toEqual([
      expect.stringContaining("rebalance"),
      expect.stringContaining("services.api.migration"),
      expect.stringContaining("services.shop.renamedFrom"),
    ]);
  });

  it("has roles for GitHub Actions on the target eks only", () => {
    const github = { repository: "example/shop" };
    expect(faultsOf(existing, { delivery: { github } })).toEqual([
      expect.stringMatching(/delivery\.github: .*only for cluster\.target: eks/),
    ]);
  });

  it.each([
    ["an incoming webhook", { by: "webhook" }],
    ["a bot and its channel", { by: "token", channel: "deploys", apiUrl: "https://slack-gov.com/api/" }],
  ])("lets Argo CD notify Slack by %s", (_, slack) => {
    expect(environmentOf(existing, gitops({ slack })).gitops?.slack).toEqual(slack);
  });

  it.each([
    [{ by: "token" }, /slack\.by: .*needs a channel/],
    [{ by: "webhook", channel: "deploys" }, /slack\.channel: .*a webhook has its own/],
    [{ by: "webhook", apiUrl: "https://slack-gov.com/api/" }, /slack\.apiUrl: .*a webhook has its own/],
    [{ by: "token", channel: "#deploys" }, /slack\.channel: .*without #/],
    [{ by: "token", channel: "deploys", apiUrl: "https://slack.com/api" }, /slack\.apiUrl: .*ends with a slash/],
  ])("refuses the notifications %j", (slack, message) => {
    expect(faultsOf(existing, gitops({ slack }))).toEqual([expect.stringMatching(message)]);
  });

  it("has no notifications of an Argo CD that is not the stack's", () => {
    const elsewhere = { ...gitops({ slack: { by: "webhook" } }), addons: { argoCd: { enabled: false } } };
    expect(faultsOf(existing, elsewhere)).toEqual([expect.stringMatching(/gitops\.slack: .*argoCd\.enabled: false/)]);
  });
});
