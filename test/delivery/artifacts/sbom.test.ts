import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { PackageURL } from "packageurl-js";
import { describe, expect, it } from "vitest";
import { createSbom } from "../../../delivery/artifacts/sbom.ts";
import type { DeployRun } from "../../../delivery/run-folder.ts";

const digests = { api: "a1".repeat(32), web: "b2".repeat(32) };
const run: DeployRun = {
  stack: "prod",
  action: "deploy",
  release: "v1.3.0-5e15f0a, web v1.2.9-0123456",
  previous: "v1.2.9-0123456",
  services: [],
  images: {
    web: { release: "v1.2.9-0123456", image: `127.0.0.1:5000/team/shop@sha256:${digests.web}` },
    api: { release: "v1.3.0-5e15f0a", image: `127.0.0.1:5000/team/shop@sha256:${digests.api}` },
  },
  actor: "ada",
  startedAt: "2026-01-31T12:00:00.000Z",
  seconds: 31,
  status: "succeeded",
};
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const billOf = (run: DeployRun) => JSON.parse(createSbom(run));

describe("createSbom", () => {
  it("gives strictly valid CycloneDX 1.6 for any deploy", async () => {
    expect(await validator.validate(createSbom(run))).toBeNull();
    expect(await validator.validate(createSbom({ ...run, images: {} }))).toBeNull();
    expect(await validator.validate(createSbom(run).replace('"container"', '"box"'))).not.toBeNull();
  });

  it("contains the stack, the time and the release", () => {
    expect(billOf(run)).toMatchObject({
      specVersion: "1.6",
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
      metadata: {
        timestamp: "2026-01-31T12:00:00.000Z",
        component: { type: "application", name: "prod", version: "v1.3.0-5e15f0a, web v1.2.9-0123456" },
      },
    });
    expect(billOf(run).serialNumber).not.toBe(billOf(run).serialNumber);
  });

  it("identifies each service's image by its digest", () => {
    const { components } = billOf(run);
    expect(components.map(({ name, version, hashes }: never) => ({ name, version, hashes }))).toEqual([
      { name: "api", version: "v1.3.0-5e15f0a", hashes: [{ alg: "SHA-256", content: digests.api }] },
      { name: "web", version: "v1.2.9-0123456", hashes: [{ alg: "SHA-256", content: digests.web }] },
    ]);
    expect(PackageURL.fromString(components[0].purl)).toMatchObject({
      type: "oci",
      name: "shop",
      version: `sha256:${digests.api}`,
      qualifiers: { repository_url: "127.0.0.1:5000/team/shop", tag: "api-v1.3.0-5e15f0a" },
    });
  });

  it("lists every image as a dependency, also one that two services share", () => {
    const image = { release: "v1", image: `shop@sha256:${digests.api}` };
    const { components, dependencies, metadata } = billOf({ ...run, images: { api: image, worker: image } });
    const references = components.map((component: { "bom-ref": string }) => component["bom-ref"]);
    expect(new Set(references).size).toBe(2);
    const of = dependencies.find(({ ref }: { ref: string }) => ref === metadata.component["bom-ref"]);
    expect(of.dependsOn.toSorted()).toEqual(references.toSorted());
  });

  it("names the image of somebody else by its own repository and tag", () => {
    const image = `docker.io/library/redis:8.2@sha256:${digests.web}`;
    const { components } = billOf({ ...run, images: { cache: { release: "v1.3.0", image } } });
    expect(PackageURL.fromString(components[0].purl)).toMatchObject({
      name: "redis",
      qualifiers: { repository_url: "docker.io/library/redis", tag: "8.2" },
    });
  });
});
