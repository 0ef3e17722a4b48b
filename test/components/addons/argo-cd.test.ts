import { expect, it } from "vitest";
import { argoCd } from "../../../components/addons/argo-cd.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf } from "../../config/settings.ts";

const environment = (settings: object) =>
  ({ namespace: "shop", addons: addonsOf({ argoCd: settings } as Parameters<typeof addonsOf>[0]) }) as Environment;

it("Argo CD is installed on request only", () => {
  expect(argoCd.enabled(environment({}))).toBe(false);
  expect(argoCd.enabled(environment({ enabled: true }))).toBe(true);
});

it("Argo CD has a namespace beside the services', and is told theirs", () => {
  const values = argoCd.values(environment({ enabled: true, reconciliationSeconds: 60 }), undefined);
  expect(argoCd.namespace({ namespace: "shop" })).toBe("shop-argocd");
  expect(values).toEqual({ reconciliationSeconds: 60, servicesNamespace: "shop" });
});

it("Argo CD gets its notifications from the config of the delivery, and no secret", () => {
  const gitops = { repository: "https://github.com/example/manifests.git", slack: { by: "webhook" } };
  const settings = { ...environment({ enabled: true }), name: "prod", gitops } as Environment;
  const { notifications } = argoCd.values(settings, undefined) as { notifications: Record<string, string> };
  expect(notifications["service.webhook.slack"]).toContain("url: $slack-webhook-url");
  const { notifications: none } = argoCd.values(
    { ...settings, gitops: { ...gitops, slack: undefined } } as Environment,
    undefined,
  );
  expect(none).toBeUndefined();
});
