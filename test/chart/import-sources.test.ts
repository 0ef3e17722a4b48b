import { describe, expect, it } from "vitest";
import { fixture, runImport } from "../delivery/import/read.ts";

// Here, because helm and kubectl render them.

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("a chart of another make", () => {
  it("is rendered with the values of each environment, which say what differs", async () => {
    const chart = fixture("chart");
    const { services, stack } = await runImport(
      chart,
      "--env",
      "dev=values-dev.yaml",
      "--env",
      "prod=values-prod.yaml",
    );
    expect(services.web).toMatchObject({
      image: `registry.example.com/market/web@${DIGEST}`,
      port: 3000,
      ingress: { paths: ["/shop", { path: "/robots.txt", type: "Exact" }] },
      sidecars: { proxy: { port: 9102, args: ["--listen", "9102"] } },
    });
    expect(services.web).not.toHaveProperty("replicas");
    const web = (host: string, pods: number, memory: string, level: string) => ({
      web: {
        hosts: [host],
        replicas: { min: pods, max: pods },
        resources: { limits: { memory } },
        config: { LOG_LEVEL: level },
      },
    });
    expect(stack("dev").services).toEqual(web("dev.market.example.com", 2, "128Mi", "debug"));
    expect(stack("prod").services).toEqual(web("market.example.com", 4, "256Mi", "warn"));
  });
});

describe("a kustomize base with two overlays", () => {
  it("has one service for each workload, whatever prefix an overlay adds", async () => {
    const overlay = (name: string) => ["--env", `${name}=${fixture(`kustomize/overlays/${name}`)}`];
    const { services, stack } = await runImport(...overlay("dev"), ...overlay("prod"));
    expect(services.cache).toMatchObject({
      kind: "stateful",
      image: `docker.io/library/redis:8.2@${DIGEST}`,
      user: 999,
      volume: { size: "10Gi", mountPath: "/data", storageClass: "gp3" },
      probes: { preset: "exec", command: ["redis-cli", "ping"] },
      network: { allowFrom: ["mailer"] },
    });
    expect(services.mailer).toMatchObject({ rollout: { strategy: "recreate" }, replicas: { min: 1, max: 1 } });
    expect(stack("prod")).toEqual({
      namespace: "market-prod",
      services: { cache: { replicas: { min: 3, max: 3 } }, mailer: { config: { LEVEL: "prod" } } },
    });
  });
});
