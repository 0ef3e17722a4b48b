import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { apiUrl, contextName, paths } from "../paths.ts";
import { authorityFile, certificateFile, keyFile } from "./certificates.ts";

const inline = (file: string): string => readFileSync(file).toString("base64");

/** Access to the API with that certificate, all in one file so that it can be copied elsewhere. */
function kubeconfigFor(certificate: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": contextName,
    clusters: [
      {
        name: contextName,
        cluster: { server: apiUrl, "certificate-authority-data": inline(authorityFile("cluster")) },
      },
    ],
    users: [
      {
        name: certificate,
        user: {
          "client-certificate-data": inline(certificateFile(certificate)),
          "client-key-data": inline(keyFile(certificate)),
        },
      },
    ],
    contexts: [{ name: contextName, context: { cluster: contextName, user: certificate } }],
  });
}

/** Writes only if the content has changed, so that watchers of the file are not woken needlessly. */
export function writeConfiguration(file: string, content: string, mode = 0o600): string {
  if (!existsSync(file) || readFileSync(file, "utf8") !== content) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, content, { mode });
    renameSync(`${file}.new`, file);
  }
  return file;
}

export function writeAdminKubeconfig(): string {
  return writeConfiguration(paths.kubeconfig, kubeconfigFor("admin"));
}

/** @returns the kubeconfig file of this part of the cluster. */
export function writeComponentKubeconfig(certificate: string): string {
  return writeConfiguration(join(paths.pki, `${certificate}.kubeconfig`), kubeconfigFor(certificate));
}
