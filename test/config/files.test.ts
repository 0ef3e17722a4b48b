import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../config/fault.ts";
import { MOST_BYTES, readFiles } from "../../config/files.ts";
import { mergeEnvironment } from "../../config/read.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { configOf, environmentOf, sourceOf } from "./config-of.ts";

function settings(files: Record<string, string | { from: string }>) {
  return environmentOf({
    namespace: "shop",
    cluster: { target: "existing", context: "here" },
    images: { repository: "127.0.0.1:5000/shop" },
    services: {
      web: {
        build: { context: "app" },
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        files,
      },
    },
  });
}

function faultsOf(root: string, files: Record<string, string | { from: string }>): readonly string[] {
  try {
    readFiles(root, settings(files));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe("files of a service", () => {
  it("are the text itself, or a file of the project", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "etc/nginx.conf"), "\uFEFFuser ü;\r\n");
    const files = { "/etc/b/app.yaml": "a: 1\n", "/etc/a/app.yaml": { from: "etc/nginx.conf" } };
    expect(readFiles(root, settings(files)).get("web")).toEqual({
      "0-app.yaml": "\uFEFFuser ü;\r\n",
      "1-app.yaml": "a: 1\n",
    });
  });

  it("may be as large as a ConfigMap", () => {
    const key = "0-a".length;
    expect(faultsOf(temporaryFolder(), { "/a": "x".repeat(MOST_BYTES - key) })).toEqual([]);
    expect(faultsOf(temporaryFolder(), { "/a": "ü".repeat(MOST_BYTES / 2) })).toEqual([
      expect.stringMatching(/services\.web\.files: together 1048579 bytes; a ConfigMap holds 1048576/),
    ]);
  });

  it.each<[string, string, RegExp]>([
    ["does not exist", "missing", /files\.\/a\.from: "missing" given; no such file/],
    ["is outside of the project", "link", /not in the project's folder/],
    ["is a folder", ".", /not in the project's folder/],
    ["is a folder of the project", "folder", /cannot be read \(EISDIR\)/],
    ["is no text", "binary", /not text in UTF-8/],
  ])("are refused if the file %s", (_, from, message) => {
    const root = temporaryFolder();
    mkdirSync(join(root, "folder"));
    symlinkSync("/etc/hostname", join(root, "link"));
    writeFileSync(join(root, "binary"), Buffer.from([0xff, 0xfe, 0x00]));
    expect(faultsOf(root, { "/a": { from } })).toEqual([expect.stringMatching(message)]);
  });
});

describe("secret files", () => {
  const shared = {
    namespace: "shop",
    cluster: { target: "existing", context: "here" },
    images: { repository: "127.0.0.1:5000/shop" },
    services: {
      web: {
        build: { context: "app" },
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        secretFiles: { "/key.pem": "TLS_KEY", "/copy.pem": "TLS_KEY", "/ca.pem": { secret: "ca", key: "ca.crt" } },
      },
    },
  };

  it("need their secret in the stack's config, but not one of a Secret that exists", () => {
    const read = () => mergeEnvironment(sourceOf("services.yaml", shared), { ...configOf({}), isComplete: true });
    expect(read).toThrow(/slipway:secret\.web\.TLS_KEY: the service web needs this secret\. Set it: [^\n]*$/);
  });

  it("have a key each in the Secret, with the name of the secret that they show", () => {
    const [web] = environmentOf(shared).services;
    expect(web?.secretNames).toEqual([]);
    expect(web?.secretFiles).toEqual({ "1-copy.pem": "TLS_KEY", "2-key.pem": "TLS_KEY" });
    expect(web?.podValues.secretFiles).toEqual([
      { path: "/ca.pem", secret: "ca", key: "ca.crt" },
      { path: "/copy.pem", key: "1-copy.pem" },
      { path: "/key.pem", key: "2-key.pem" },
    ]);
  });
});
