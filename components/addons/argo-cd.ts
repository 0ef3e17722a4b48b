import { argoCdNamespace } from "../../config/naming.ts";
import type { Addon } from "./addon.ts";

/** Applies what a git repository holds. It works in the services' namespace only. */
export const argoCd: Addon = {
  name: "argo-cd",
  namespace: ({ namespace }) => argoCdNamespace(namespace),
  group: "argoproj.io",
  needsServicesNamespace: () => true,
  timeoutSeconds: 300,
  enabled: ({ addons }) => addons.argoCd.enabled,
  values: ({ addons, namespace }) => ({ ...addons.argoCd.values, servicesNamespace: namespace }),
};
