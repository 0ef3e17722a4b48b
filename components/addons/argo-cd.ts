import { argoCdNamespace } from "../../config/naming.ts";
import { slackNotifications } from "../gitops/slack-notifications.ts";
import type { Addon } from "./addon.ts";

/** Applies what a git repository holds. It works in the services' namespace only. */
export const argoCd: Addon = {
  name: "argo-cd",
  namespace: ({ namespace }) => argoCdNamespace(namespace),
  group: "argoproj.io",
  needsServicesNamespace: () => true,
  timeoutSeconds: 300,
  enabled: ({ addons }) => addons.argoCd.enabled,
  values: ({ addons, namespace, gitops, name }) => ({
    ...addons.argoCd.values,
    ...(gitops?.slack && { notifications: slackNotifications(name, gitops) }),
    servicesNamespace: namespace,
  }),
};
