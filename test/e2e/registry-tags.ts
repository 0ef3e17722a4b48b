import { request } from "undici";
import { registryHost } from "../../sandbox/paths.ts";

const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
const url = (repository: string, reference: string) => `http://${registryHost}/v2/${repository}/manifests/${reference}`;

/** Puts another tag on what a tag points to, as a release that was built elsewhere arrives. */
export async function copyTag(repository: string, from: string, to: string): Promise<void> {
  const manifest = await request(url(repository, from), { headers: { accept } });
  const body = await manifest.body.text();
  const headers = { "content-type": String(manifest.headers["content-type"]) };
  const put = await request(url(repository, to), { method: "PUT", headers, body });
  await put.body.dump();
  if (put.statusCode !== 201) throw new Error(`the registry answered ${put.statusCode} for ${repository}:${to}`);
}
