import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { gitopsRecipes, publicRecipes, strategyRecipes } from "../../images/public-images.ts";

const charts = join(import.meta.dirname, "../../../charts");
const read = (chart: string, file: string) => parse(readFileSync(join(charts, chart, file), "utf8"));

// The cluster-autoscaler has nothing to scale here: no stack of the sandbox enables it.
it.each(["traefik", "metrics-server", "descheduler", "prometheus"])(
  "has the image that charts/%s runs by default",
  (chart) => {
    const { repository } = read(chart, "values.yaml").image;
    const { appVersion } = read(chart, "Chart.yaml");
    expect([...publicRecipes, ...strategyRecipes]).toContainEqual(
      expect.objectContaining({ repository, tag: appVersion }),
    );
  },
);

it("has the images that charts/argo-cd runs by default", () => {
  const { image, redis } = read("argo-cd", "values.yaml");
  const { appVersion } = read("argo-cd", "Chart.yaml");
  expect(gitopsRecipes.map(({ repository, tag }) => `${repository}:${tag}`)).toEqual([
    `${image.repository}:${appVersion}`,
    `${redis.image.repository}:${redis.image.tag}`,
  ]);
});
