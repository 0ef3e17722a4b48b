import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deployedTags, type RolledOut } from "../../../components/images/deployed-tags.ts";
import type { ImageRepository } from "../../../components/images/registry.ts";
import type { Environment } from "../../../config/index.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { resolved } from "../aws/declared.ts";
import { ManifestStore, serve } from "./registry-server.ts";

const build = { context: "shop" };
const environment = {
  name: "prod",
  services: ["web", "api"].map((name) => ({ name, build })),
} as unknown as Environment;
let store: ManifestStore;
let images: ImageRepository;
let close: () => Promise<void>;
let warnings: string[];
/** Digests of three releases of web. */
let v1: string;
let v2: string;
let v3: string;

beforeEach(async () => {
  process.env.DOCKER_CONFIG = temporaryFolder();
  store = new ManifestStore();
  const server = await serve(store.answer);
  close = server.close;
  images = { repository: `${server.address}/shop`, marksDeployed: true };
  [v1, v2, v3] = ["v1", "v2", "v3"].map((release) => store.push(`web-${release}`, release)) as [string, string, string];
  warnings = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => {
    warnings.push(message);
  });
  await run("update");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await close();
});

function run(kind: "update" | "preview"): Promise<void> {
  const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  return pulumi.runtime.setMocks(mocks, "slipway", "prod", kind === "preview", "organization");
}

const reference = (digest: string) => `${images.repository}@${digest}`;
const slots = (service = "web") =>
  Object.fromEntries(
    ["next", "current", "previous"].flatMap((slot) => {
      const digest = store.tags[`deployed.prod.${service}.${slot}`];
      return digest === undefined ? [] : [[slot, digest]];
    }),
  );

/** What a release becomes when it is changed to an image. */
type Rollout = (image: string) => { status: string; image: string };
const goesWell: Rollout = (image) => ({ status: "deployed", image });

/** An update of one service, as service.ts makes it. */
async function update(digest: string, rollout = goesWell, service = "web"): Promise<void> {
  const tags = deployedTags(environment, images);
  const image = tags?.beforeRollout(service, pulumi.output(reference(digest)));
  if (tags === undefined || image === undefined) throw new Error("there are no tags to set");
  const became = image.apply(rollout);
  const release: RolledOut = {
    status: became.apply(({ status }) => ({ status })),
    values: became.apply((done) => ({ image: done.image })),
  };
  await resolved(tags.afterRollout(service, release));
}

describe("an update", () => {
  it("tags the new image before the release changes, and moves the other tags after the rollout", async () => {
    await update(v1);
    expect(slots()).toEqual({ next: v1, current: v1 });
    let during = {};
    await update(v2, (image) => {
      during = slots();
      return goesWell(image);
    });
    expect(during).toEqual({ next: v2, current: v1 });
    expect(slots()).toEqual({ next: v2, current: v2, previous: v1 });
  });

  it("tags both images of a rollback", async () => {
    for (const digest of [v1, v2, v1]) await update(digest);
    expect(slots()).toEqual({ next: v1, current: v1, previous: v2 });
  });

  it("sends each request once", async () => {
    await update(v1);
    store.requests.length = 0;
    await update(v2);
    const web = store.requests.filter((request) => !request.includes(".api."));
    expect(web).toEqual([
      "HEAD deployed.prod.web.current",
      `GET ${v2}`,
      "PUT deployed.prod.web.next",
      `GET ${v1}`,
      "PUT deployed.prod.web.previous",
      "PUT deployed.prod.web.current",
    ]);
  });

  it("that changes nothing sends one request for each service", async () => {
    await update(v1);
    store.requests.length = 0;
    await update(v1);
    expect(store.requests.sort()).toEqual(["HEAD deployed.prod.api.current", "HEAD deployed.prod.web.current"]);
  });

  it("leaves the tags of services that it does not have", async () => {
    store.tags["deployed.prod.gone.current"] = v1;
    await update(v2);
    expect(slots("gone")).toEqual({ current: v1 });
  });
});

describe("current stays on the running image", () => {
  beforeEach(async () => {
    for (const digest of [v1, v2]) await update(digest);
  });

  it("when a rollout fails and the update ends", async () => {
    const tags = deployedTags(environment, images);
    await resolved(tags?.beforeRollout("web", pulumi.output(reference(v3))) ?? pulumi.output(""));
    expect(slots()).toEqual({ next: v3, current: v2, previous: v1 });
  });

  it.each<[string, Rollout]>([
    ["the release is reported as failed", (image) => ({ status: "failed", image })],
    ["the release is reported as it was before", () => ({ status: "deployed", image: reference(v2) })],
  ])("when a rollout fails, the update continues, and %s", async (_, rollout) => {
    await update(v3, rollout);
    expect(slots()).toEqual({ next: v3, current: v2, previous: v1 });
  });

  it("after an interrupted update, until the next one moves it", async () => {
    const cutOff = deployedTags(environment, images);
    await resolved(cutOff?.beforeRollout("web", pulumi.output(reference(v3))) ?? pulumi.output(""));
    await update(v3);
    expect(slots()).toEqual({ next: v3, current: v3, previous: v2 });
  });

  it("when previous cannot be set: the running image and the one before keep a tag", async () => {
    store.instead = (request, response) => {
      if (request.method !== "PUT" || !request.url?.endsWith("previous")) return false;
      response.writeHead(403).end();
      return true;
    };
    await update(v3);
    expect(slots()).toEqual({ next: v3, current: v2, previous: v1 });
    expect(warnings).toHaveLength(1);
  });
});

describe("a deploy continues, with one warning,", () => {
  const refuse = (method: string) => {
    store.instead = (request, response) => {
      if (request.method !== method) return false;
      response.writeHead(403).end(JSON.stringify({ errors: [{ message: "not authorized to perform: ecr:PutImage" }] }));
      return true;
    };
  };

  it("when the registry refuses the tags", async () => {
    refuse("PUT");
    await update(v1);
    expect(slots()).toEqual({});
    const address = images.repository.split("/")[0];
    expect(warnings).toHaveLength(1);
    for (const part of [
      "prod",
      "service web",
      `${address} .*deployed\\.prod\\.web\\.next .*403`,
      "ecr:PutImage\\)",
      "deploy continues",
    ]) {
      expect(warnings[0]).toMatch(new RegExp(part));
    }
  });

  it("for all services together", async () => {
    refuse("PUT");
    const tags = deployedTags(environment, images);
    for (const service of ["web", "api"]) {
      const image = pulumi.output(reference(v1));
      expect(await resolved(tags?.beforeRollout(service, image) ?? image)).toBe(reference(v1));
    }
    expect(warnings).toHaveLength(1);
  });

  it("when the registry does not give the current tags: none moves", async () => {
    await update(v1);
    refuse("HEAD");
    await update(v2);
    expect(slots()).toEqual({ next: v1, current: v1 });
    expect(warnings).toHaveLength(1);
  });

  it("when the registry can no longer be reached", async () => {
    await close();
    await update(v1);
    expect(warnings).toEqual([expect.stringContaining("cannot be reached (ECONNREFUSED)")]);
  });

  it("and without one if the update never gets to the tags", async () => {
    refuse("HEAD");
    deployedTags(environment, images);
    await vi.waitFor(() => expect(store.requests).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(warnings).toEqual([]);
  });
});

describe("no tags are set", () => {
  it("in a preview", async () => {
    await run("preview");
    expect(deployedTags(environment, images)).toBeUndefined();
    expect(store.requests).toEqual([]);
  });

  it("if the registry deletes nothing", () => {
    expect(deployedTags(environment, { repository: images.repository })).toBeUndefined();
    expect(store.requests).toEqual([]);
  });
});
