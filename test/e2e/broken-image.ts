import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "../../sandbox/images/docker.ts";
import { registryHost } from "../../sandbox/paths.ts";

/** Pushes an image whose tag and digest the registry holds, and whose one layer it has lost: no node can pull it. */
export async function pushBrokenImage(repository: string, tag: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-broken-"));
  try {
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY content /content\n");
    writeFileSync(join(folder, "content"), randomUUID());
    const t = `${registryHost}/${repository}:${tag}`;
    await ended(await docker().buildImage({ context: folder, src: ["Dockerfile", "content"] }, { t }));
    await ended(
      await docker()
        .getImage(t)
        .push({ authconfig: { username: "", password: "", serveraddress: "" } }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const url = `http://${registryHost}/v2/${repository}`;
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  const manifest = await (await fetch(`${url}/manifests/${tag}`, { headers: { accept } })).json();
  const { layers } = manifest as { layers: { digest: string }[] };
  for (const { digest } of layers) {
    const { status } = await fetch(`${url}/blobs/${digest}`, { method: "DELETE" });
    if (status !== 202) throw new Error(`the registry did not delete the layer ${digest}: ${status}`);
  }
}

async function ended(stream: NodeJS.ReadableStream): Promise<void> {
  const messages = await new Promise<{ error?: string }[]>((resolve, reject) =>
    docker().modem.followProgress(stream, (error, result) => (error ? reject(error) : resolve(result))),
  );
  const failure = messages.find(({ error }) => error)?.error;
  if (failure) throw new Error(failure);
}
