import { afterEach, describe, expect, test, vi } from "vitest";
import { chartFlags } from "../../providers/kubernetes/chart.ts";
import { releaseInputs, releaseSpec } from "../../providers/kubernetes/release-fields.ts";

const spec = (repo: string) =>
  releaseSpec(
    releaseInputs({ name: "x", chart: "metrics-server", version: "3.13.1", repositoryOpts: { repo } }, "default"),
  );

afterEach(() => vi.unstubAllEnvs());

describe("HELM_REPOSITORY_MIRRORS", () => {
  const mirrors =
    "https://charts.example.com/a/=http://127.0.0.1:5001 https://charts.example.com/b=http://127.0.0.1:5002";

  test.each([
    ["https://charts.example.com/a/", "http://127.0.0.1:5001"],
    ["https://charts.example.com/a", "http://127.0.0.1:5001"],
    ["https://charts.example.com/b/", "http://127.0.0.1:5002"],
    ["https://charts.example.com/ab", "https://charts.example.com/ab"],
    ["http://127.0.0.1:5001", "http://127.0.0.1:5001"],
  ])("a chart of %s is read from %s", (repository, from) => {
    vi.stubEnv("HELM_REPOSITORY_MIRRORS", mirrors);
    expect(chartFlags(spec(repository))).toEqual(["--repo", from, "--version", "3.13.1"]);
  });

  test("without it every repository is asked itself", () => {
    vi.stubEnv("HELM_REPOSITORY_MIRRORS", "");
    const repository = "https://charts.example.com/a/";
    expect(chartFlags(spec(repository))).toEqual(["--repo", repository, "--version", "3.13.1"]);
  });
});
