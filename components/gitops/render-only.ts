/** Set by `slipway deploy` on a stack whose services Argo CD rolls out. */
const FOLDER = "SLIPWAY_MANIFESTS";

/**
 * Folder that this update writes the manifests of all services to. Such an update builds images and renders. It neither needs nor asks
 * the cluster, so the job that runs it has no credentials for it. Undefined: an update of the whole stack.
 */
export function manifestsFolder(): string | undefined {
  return process.env[FOLDER] || undefined;
}
