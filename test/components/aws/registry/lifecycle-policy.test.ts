import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LifecyclePolicy,
  type LifecycleRule,
  lifecyclePolicy,
  servicesWithoutRule,
} from "../../../../components/aws/registry/lifecycle-policy.ts";
import { DEPLOYED_TAGS, deployedTag } from "../../../../config/index.ts";
import { dnsName } from "../../../../config/schema/formats.ts";
import { expired, type Image, selects } from "./ecr-lifecycle.ts";

/** Names with common prefixes, as in a team. */
const serviceName = fc
  .array(fc.constantFrom("api", "v", "v1", "v2", "v20", "vault", "v2beta", "web", "2", "deployed"), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join("-"))
  .filter((name) => dnsName.safeParse(name).success);
const serviceNames = (maxLength: number) => fc.uniqueArray(serviceName, { minLength: 1, maxLength });

const release = fc
  .tuple(fc.nat(30), fc.nat(12), fc.nat(40), fc.constantFrom("", "-abc1234", "-5e15f0a", "-rc.1", "-v2"))
  .map(([major, minor, patch, end]) => `v${major}.${minor}.${patch}${end}`);

/** A repository's images, newest first, pushed by any service at any rate. */
function imagesOf(services: string[], releases: number): fc.Arbitrary<Image[]> {
  return fc
    .array(fc.tuple(fc.constantFrom(...services), release), { maxLength: releases })
    .map((pushes) =>
      pushes.map(([service, tag], age) => ({ digest: `sha256:${age}`, tags: [`${service}-${tag}`], age: age / 10 })),
    );
}

const repository = serviceNames(12).chain((services) =>
  fc.record({ services: fc.constant(services), images: imagesOf(services, 400) }),
);

const rulesOfServices = ({ rules }: LifecyclePolicy): LifecycleRule[] =>
  rules.filter(({ selection }) => selection.tagStatus === "tagged" && selection.tagPatternList[0] !== DEPLOYED_TAGS);
const patternOf = ({ selection }: LifecycleRule) =>
  selection.tagStatus === "tagged" ? selection.tagPatternList[0] : "(untagged)";
const imageOf = (...tags: string[]): Image => ({ digest: "sha256:1", tags, age: 0 });

describe("lifecyclePolicy", () => {
  it("keeps deployed images, the newest 30 of each service, and untagged images for a week", () => {
    expect(lifecyclePolicy({ services: ["web", "api"], keepReleases: 30 })).toEqual({
      rules: [
        {
          rulePriority: 1,
          description: "Keep what environments run",
          selection: {
            tagStatus: "tagged",
            tagPatternList: ["deployed.*"],
            countType: "imageCountMoreThan",
            countNumber: 9999,
          },
          action: { type: "expire" },
        },
        {
          rulePriority: 2,
          description: "Keep the newest 30 of api",
          selection: {
            tagStatus: "tagged",
            tagPatternList: ["api-v*"],
            countType: "imageCountMoreThan",
            countNumber: 30,
          },
          action: { type: "expire" },
        },
        {
          rulePriority: 3,
          description: "Keep the newest 30 of web",
          selection: {
            tagStatus: "tagged",
            tagPatternList: ["web-v*"],
            countType: "imageCountMoreThan",
            countNumber: 30,
          },
          action: { type: "expire" },
        },
        {
          rulePriority: 4,
          description: "Expire what has had no tag for 7 days",
          selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
          action: { type: "expire" },
        },
      ],
    });
  });

  it("separates a service from one whose name continues like a release", () => {
    const patterns = lifecyclePolicy({ services: ["api", "api-v2", "api-gateway"], keepReleases: 30 }).rules.map(
      patternOf,
    );
    expect(patterns).toEqual([
      "deployed.*",
      "api-gateway-v*",
      "api-v2-v*",
      "api-v0*",
      "api-v1*",
      "api-v2.*",
      ...[3, 4, 5, 6, 7, 8, 9].map((digit) => `api-v${digit}*`),
      "(untagged)",
    ]);
  });

  it("does not depend on the order of the services or on duplicates", () => {
    fc.assert(
      fc.property(serviceNames(20), (services) => {
        const mixed = [...services].reverse().concat(services);
        expect(lifecyclePolicy({ services: mixed, keepReleases: 30 })).toEqual(
          lifecyclePolicy({ services, keepReleases: 30 }),
        );
      }),
    );
  });

  it("has no rule that selects another service's releases", () => {
    fc.assert(
      fc.property(serviceNames(12), release, (services, tag) => {
        const rules = rulesOfServices(lifecyclePolicy({ services, keepReleases: 30 }));
        for (const service of services) {
          const touching = rules.filter((rule) => selects(rule, imageOf(`${service}-${tag}`)));
          expect(touching.length).toBeLessThanOrEqual(1);
          for (const rule of touching) expect(rule.description).toMatch(new RegExp(` of ${service}$`));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("selects every release of a service with a distinct name", () => {
    fc.assert(
      fc.property(serviceName, release, (service, tag) => {
        const rules = rulesOfServices(lifecyclePolicy({ services: [service], keepReleases: 30 }));
        expect(rules.filter((rule) => selects(rule, imageOf(`${service}-${tag}`)))).toHaveLength(1);
      }),
    );
  });

  it("keeps the newest releases of every service, whatever the others push", () => {
    fc.assert(
      fc.property(repository, fc.integer({ min: 10, max: 30 }), ({ services, images }, keepReleases) => {
        const deleted = expired(lifecyclePolicy({ services, keepReleases }), images);
        for (const service of services) {
          const own = images.filter(({ tags }) => new RegExp(`^${service}-v\\d+\\.`).test(tags[0] ?? ""));
          for (const image of own.slice(0, keepReleases)) expect(deleted).not.toContain(image.digest);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("expires all but the newest releases of a single service", () => {
    fc.assert(
      fc.property(imagesOf(["api"], 100), fc.integer({ min: 10, max: 30 }), (images, keepReleases) => {
        const deleted = expired(lifecyclePolicy({ services: ["api"], keepReleases }), images);
        expect(images.length - deleted.size).toBe(Math.min(images.length, keepReleases));
      }),
    );
  });

  it("never expires an image that an environment runs, however old", () => {
    fc.assert(
      fc.property(repository, fc.array(fc.nat(399), { maxLength: 40 }), ({ services, images }, deployed) => {
        const marked = images.map((image, index) =>
          deployed.includes(index)
            ? { ...image, tags: [...image.tags, deployedTag("prod", services[0] ?? "", "current")] }
            : image,
        );
        const deleted = expired(lifecyclePolicy({ services, keepReleases: 10 }), marked);
        for (const index of deployed) expect(deleted).not.toContain(images[index]?.digest);
      }),
      { numRuns: 300 },
    );
  });

  it("stays within ECR's limits, and returns the services without a rule", () => {
    fc.assert(
      fc.property(serviceNames(120), fc.integer({ min: 10, max: 500 }), (services, keepReleases) => {
        const policy = lifecyclePolicy({ services, keepReleases });
        const priorities = policy.rules.map(({ rulePriority }) => rulePriority);
        const patterns = policy.rules.map(patternOf);
        expect(policy.rules.length).toBeLessThanOrEqual(50);
        expect(JSON.stringify(policy).length).toBeLessThanOrEqual(30_720);
        expect(new Set(priorities).size).toBe(priorities.length);
        expect(new Set(patterns).size).toBe(patterns.length);
        for (const pattern of patterns) expect(pattern.split("*").length - 1).toBeLessThanOrEqual(4);

        const counted = new Set(rulesOfServices(policy).map(({ description }) => description.split(" of ")[1]));
        expect([...counted, ...servicesWithoutRule(services)].sort()).toEqual([...services].sort());
      }),
      { numRuns: 200 },
    );
  });

  it("has rules for 48 services and keeps all images of the others", () => {
    const services = Array.from({ length: 50 }, (_, index) => `service-${String(index).padStart(2, "0")}`);
    expect(servicesWithoutRule(services.slice(0, 48))).toEqual([]);
    expect(servicesWithoutRule(services)).toEqual(["service-48", "service-49"]);
    expect(lifecyclePolicy({ services, keepReleases: 30 }).rules).toHaveLength(50);
  });
});

describe("deployedTag", () => {
  it("is selected by the first rule and by no service's", () => {
    const stack = fc.stringMatching(/^[A-Za-z0-9_.-]{1,60}$/);
    fc.assert(
      fc.property(serviceNames(12), stack, (services, name) => {
        const { rules } = lifecyclePolicy({ services, keepReleases: 30 });
        for (const service of services) {
          const image = imageOf(deployedTag(name, service, "next"));
          expect(rules.filter((rule) => selects(rule, image)).map(({ rulePriority }) => rulePriority)).toEqual([1]);
        }
      }),
    );
  });

  it("never equals a release's tag, so moving it never moves a release", () => {
    fc.assert(
      fc.property(serviceName, release, (service, tag) => {
        const [deployed] = lifecyclePolicy({ services: [service], keepReleases: 30 }).rules;
        expect(selects(deployed as LifecycleRule, imageOf(`${service}-${tag}`))).toBe(false);
      }),
    );
  });
});
