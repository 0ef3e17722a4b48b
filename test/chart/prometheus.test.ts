import type { V1ConfigMap, V1Deployment, V1NetworkPolicy } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { containerOf, podSpecOf, podTemplateOf } from "./pod.ts";
import { kindsOf, only, render, type Values } from "./render.ts";

const prometheus = (values: Values = {}) => render("prometheus", values);
const configOf = async (values: Values = {}) =>
  parse(only<V1ConfigMap>(await prometheus(values), "ConfigMap").data?.["prometheus.yml"] ?? "");

it("reads the ingress controller, found by DNS, and keeps what analyses ask for", async () => {
  const { global, scrape_configs } = await configOf();
  expect(global).toEqual({ scrape_interval: "5s", scrape_timeout: "5s" });
  expect(scrape_configs).toHaveLength(1);
  expect(scrape_configs[0].dns_sd_configs).toEqual([
    { names: ["traefik-metrics.ingress.svc"], type: "A", port: 9100, refresh_interval: "5s" },
  ]);
  const [{ regex, action }] = scrape_configs[0].metric_relabel_configs;
  expect(action).toBe("keep");
  const kept = new RegExp(`^(${regex})$`);
  for (const name of ["requests_total", "request_duration_seconds_bucket", "request_duration_seconds_count"])
    expect(`traefik_service_${name}`).toMatch(kept);
  expect("traefik_entrypoint_requests_total").not.toMatch(kept);
});

it("has no rights in the cluster, and no token", async () => {
  const objects = await prometheus();
  expect(kindsOf(objects).filter((kind) => /Role/.test(kind))).toEqual([]);
  expect(podSpecOf(objects).automountServiceAccountToken).toBe(false);
});

it("is asked by the namespaces that are named, and calls the ingress controller and DNS only", async () => {
  const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
  const policy = async (values: Values = {}) =>
    only<V1NetworkPolicy>(await prometheus(values), "NetworkPolicy").spec as NonNullable<V1NetworkPolicy["spec"]>;
  expect((await policy()).ingress).toEqual([]);
  const { ingress, egress } = await policy({ readers: ["shop-rollouts"], dnsPort: 1053 });
  expect(ingress).toEqual([{ ports: [{ port: "http", protocol: "TCP" }], from: [namespace("shop-rollouts")] }]);
  expect(egress).toHaveLength(2);
  expect(egress?.[0]?.ports?.map(({ port }) => port)).toEqual([53, 53, 1053, 1053]);
  expect(egress?.[1]).toEqual({ to: [namespace("ingress")] });
});

it("keeps two hours on a disk of limited size, and starts again when its config changes", async () => {
  const objects = await prometheus();
  expect(containerOf(objects).args).toContain("--storage.tsdb.retention.time=2h");
  expect(podSpecOf(objects).volumes).toContainEqual({ name: "data", emptyDir: { sizeLimit: "512Mi" } });
  const hash = async (values: Values) =>
    podTemplateOf(await prometheus(values)).metadata?.annotations?.["slipway.dev/config-hash"];
  expect(await hash({ scrapeSeconds: 10 })).not.toBe(await hash({}));
  expect(only<V1Deployment>(objects, "Deployment").spec?.replicas).toBe(1);
});
