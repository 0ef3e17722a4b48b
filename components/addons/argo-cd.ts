import { argoCdNamespace } from "../../config/naming.ts";
import { findSlackSecret } from "../gitops/find-credentials.ts";
import { NOTIFICATIONS_SECRET, notificationsSecret, slackNotifications } from "../gitops/slack-notifications.ts";
import type { Addon } from "./addon.ts";

/** Applies what a git repository holds. It works in the services' namespace only. */
export const argoCd: Addon = {
  name: "argo-cd",
  namespace: ({ namespace }) => argoCdNamespace(namespace),
  group: "argoproj.io",
  sharesKinds: true,
  needsServicesNamespace: () => true,
  timeoutSeconds: 300,
  enabled: ({ addons }) => addons.argoCd.enabled,
  values: ({ addons, namespace, gitops, name }) => ({
    ...addons.argoCd.values,
    ...(gitops?.slack && { notifications: slackNotifications(name, gitops) }),
    servicesNamespace: namespace,
  }),
  // A message that is sent with the key of before is lost.
  secrets: ({ gitops }): ReturnType<NonNullable<Addon["secrets"]>> => {
    const secret = gitops && findSlackSecret(gitops);
    return gitops?.slack && secret ? { [NOTIFICATIONS_SECRET]: notificationsSecret(gitops.slack, secret) } : {};
  },
};
