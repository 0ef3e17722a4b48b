import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The programs that tests call, each with the variable that says where it is. */
const VARIABLES = {
  helm: "HELM_PATH",
  kubeconform: "KUBECONFORM_PATH",
  "kube-score": "KUBE_SCORE_PATH",
  kubectl: "KUBECTL_PATH",
  etcd: "ETCD_PATH",
  "kube-apiserver": "KUBE_APISERVER_PATH",
  actionlint: "ACTIONLINT_PATH",
} as const;

/**
 * Path of a program: its variable, else the first on PATH.
 *
 * @throws Error that names the program and the variable, when neither leads to one.
 */
export function program(name: keyof typeof VARIABLES): string {
  const variable = VARIABLES[name];
  const candidates = [
    process.env[variable],
    ...(process.env.PATH ?? "").split(delimiter).map((dir) => join(dir, name)),
  ];
  const found = candidates.find((path) => path !== undefined && isExecutable(path));
  if (found === undefined)
    throw new Error(`${name}: neither ${variable} nor PATH leads to it. Run the tests by npm test.`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
