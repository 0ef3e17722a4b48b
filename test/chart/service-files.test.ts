import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf } from "./pod.ts";
import { renderService } from "./render.ts";

const values = {
  filesName: "web.files-1",
  secretFilesName: "web.files-2",
  files: [
    { path: "/etc/web/app.yaml", key: "0-app.yaml" },
    { path: "/etc/web/log.yaml", key: "1-log.yaml" },
  ],
  secretFiles: [
    { path: "/etc/web/key.pem", key: "0-key.pem" },
    { path: "/etc/web/cert.pem", key: "tls.crt", secret: "web-tls" },
  ],
};

describe("files", () => {
  it("are mounted one by one and read-only, so that the folder keeps what the image has", async () => {
    expect(containerOf(await renderService(values)).volumeMounts?.slice(1)).toEqual([
      { name: "files", mountPath: "/etc/web/app.yaml", subPath: "0-app.yaml", readOnly: true },
      { name: "files", mountPath: "/etc/web/log.yaml", subPath: "1-log.yaml", readOnly: true },
      { name: "secret-files", mountPath: "/etc/web/key.pem", subPath: "0", readOnly: true },
      { name: "secret-files", mountPath: "/etc/web/cert.pem", subPath: "1", readOnly: true },
    ]);
  });

  it("come from the service's objects, and secret ones from Secrets that exist too", async () => {
    const source = (name: string, key: string, path: string) => ({ secret: { name, items: [{ key, path }] } });
    expect(podSpecOf(await renderService(values)).volumes?.slice(1)).toEqual([
      { name: "files", configMap: { name: "web.files-1" } },
      {
        name: "secret-files",
        projected: {
          defaultMode: 0o440,
          sources: [source("web.files-2", "0-key.pem", "0"), source("web-tls", "tls.crt", "1")],
        },
      },
    ]);
  });

  it("need no objects of the service if every Secret exists", async () => {
    const secretFiles = [{ path: "/cert.pem", key: "tls.crt", secret: "web-tls" }];
    await expect(renderService({ secretFiles })).resolves.not.toEqual([]);
  });
});
