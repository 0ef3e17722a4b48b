import { isMap } from "../../config/merge.ts";
import { compareQuantities } from "../../config/quantity.ts";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { holdsSecret, variableName } from "./secret-values.ts";

/** A file of a volume: the name of its file in the volume, and its key in the ConfigMap or Secret. */
type Items = { key: string; path: string }[];

/** Sets files, secretFiles, tmp and volume from the volumes of a pod and where the service's own container mounts them. */
export function putVolumes(pod: Fields, container: Fields, context: Context): void {
  const volumes = new Map(pod.list("volumes").map((volume) => [String(volume.peek("name")), volume]));
  const claims = context.application.workload.list("spec", "volumeClaimTemplates");
  const claimed = new Map(claims.map((claim) => [String(claim.peek("metadata", "name")), claim]));
  for (const mount of container.list("volumeMounts")) {
    const name = String(mount.peek("name"));
    const volume = volumes.get(name);
    const claim = claimed.get(name);
    if (claim !== undefined) putClaim(claim, mount, context);
    else if (volume !== undefined) putMount(volume, mount, context);
  }
}

function putMount(volume: Fields, mount: Fields, context: Context): void {
  const path = String(mount.peek("mountPath")).replace(/\/+$/, "");
  mount.take("name");
  mount.take("readOnly");
  volume.take("name");
  const kind = ["emptyDir", "configMap", "secret"].find((known) => volume.peek(known) !== undefined);
  if (kind === undefined) reportMount(volume, mount, path, context.findings);
  else if (kind === "emptyDir") putFolder(volume, mount, path, context);
  else if (kind === "configMap") putConfigFiles(volume.at("configMap"), mount, path, context);
  else putSecretFiles(volume.at("secret"), mount, path, context);
}

function reportMount(volume: Fields, mount: Fields, path: string, findings: Findings): void {
  mount.take();
  if (volume.peek("persistentVolumeClaim") !== undefined) {
    findings.leaveOut(
      volume.at("persistentVolumeClaim"),
      "only a service of kind: stateful has a volume, one for each pod. Keep what must last elsewhere, such as in S3, or mount the claim by patch",
    );
  } else if (volume.peek("hostPath") !== undefined) {
    findings.leaveOut(
      volume.at("hostPath"),
      "pods have no access to the node's files: pod security restricted forbids it",
    );
  } else findings.leaveOut(volume, `mounted at ${path}. There is no field for it: mount it by patch`);
}

/** /tmp and paths are the folders that a process may write to. All have one limit. */
function putFolder(volume: Fields, mount: Fields, path: string, { draft, findings }: Context): void {
  mount.take("mountPath");
  const limit = volume.text("emptyDir", "sizeLimit");
  const known = draft.get("tmp", "sizeLimit");
  if (limit !== undefined && (known === undefined || isMore(limit, String(known)))) {
    draft.put(["tmp", "sizeLimit"], limit, volume.place("emptyDir", "sizeLimit"));
  }
  if (volume.peek("emptyDir", "medium") === "Memory") {
    findings.leaveOut(
      volume.at("emptyDir", "medium"),
      "the folder is on the node's disk now. Keep it in memory by patch",
    );
  }
  volume.at("emptyDir").take("medium");
  if (isMap(volume.peek("emptyDir")) && volume.keys("emptyDir").length === 0) volume.take("emptyDir");
  if (path === "/tmp") return;
  const paths = (draft.get("tmp", "paths") as string[] | undefined) ?? [];
  if (!paths.includes(path)) draft.put(["tmp", "paths"], [...paths, path], mount.place("mountPath"));
}

function isMore(a: string, b: string): boolean {
  try {
    return compareQuantities(a, b) > 0;
  } catch {
    return false;
  }
}

/** The path in the container of each file that a mount shows. With subPath it is one of them, or those of a folder. */
function mounted(items: Items, mount: Fields, path: string): { key: string; at: string }[] {
  mount.take("mountPath");
  const subPath = mount.text("subPath");
  if (subPath === undefined) return items.map(({ key, path: file }) => ({ key, at: `${path}/${file}` }));
  return items.filter((item) => item.path === subPath).map(({ key }) => ({ key, at: path }));
}

function itemsOf(source: Fields, keys: readonly string[]): Items {
  const items = source.list("items");
  for (const name of ["defaultMode", "name", "secretName"]) source.take(name);
  if (items.length === 0) return keys.map((key) => ({ key, path: key }));
  return items.map((item) => {
    item.take("mode");
    return { key: item.text("key") ?? "", path: item.text("path") ?? "" };
  });
}

function putConfigFiles(source: Fields, mount: Fields, path: string, context: Context): void {
  const { draft, findings, objects } = context;
  const name = String(source.peek("name"));
  const given = objects.configMap(name);
  if (given === undefined) {
    mount.take();
    findings.leaveOut(
      source,
      `the ConfigMap ${name} is not among the manifests. Name its file too, or write its texts into files`,
    );
    return;
  }
  for (const { key, at } of mounted(itemsOf(source, Object.keys(given.data)), mount, path)) {
    const text = given.data[key];
    const place = given.fields.place("data", key);
    if (text === undefined) findings.add("leftOut", place, `the ConfigMap has no such text, so ${at} is missing`);
    else if (holdsSecret(text)) {
      const variable = variableName(at.slice(1));
      draft.put(["secretFiles", at], variable, place);
      findings.secret(
        draft.name,
        variable,
        `data.${key} of ConfigMap ${name} (${given.fields.file}): a file that holds a secret`,
      );
    } else draft.put(["files", at], text, place);
  }
}

function putSecretFiles(source: Fields, mount: Fields, path: string, context: Context): void {
  const { draft, findings, objects } = context;
  const secret = String(source.peek("secretName"));
  const given = objects.secretKeys(secret);
  if (given === undefined && source.list("items").length === 0) {
    const subPath = mount.peek("subPath");
    if (typeof subPath !== "string") {
      mount.take();
      findings.leaveOut(
        source,
        `the keys of the Secret ${secret} are not known. Write secretFiles: { ${path}/<file>: { secret: ${secret}, key: <key> } }`,
      );
      return;
    }
  }
  const keys = given?.keys ?? [String(mount.peek("subPath"))];
  const place = mount.place("mountPath");
  for (const { key, at } of mounted(itemsOf(source, keys), mount, path)) {
    if (given === undefined) {
      draft.put(["secretFiles", at], { secret, key }, place);
      findings.check(place, `the Secret ${secret} must exist in the namespace of each stack`);
      continue;
    }
    const variable = variableName(key);
    draft.put(["secretFiles", at], variable, place);
    findings.secret(draft.name, variable, `data.${key} of Secret ${secret} (${given.file})`);
  }
}

function putClaim(claim: Fields, mount: Fields, { draft, findings }: Context): void {
  const place = claim.place("spec");
  for (const field of ["apiVersion", "kind", "status"]) claim.take(field);
  claim.take("metadata", "name");
  claim.take("metadata", "creationTimestamp");
  if (draft.get("volume") !== undefined) {
    mount.take();
    findings.leaveOut(claim, "a service has one volume for each pod. Keep both folders in one, or split the service");
    return;
  }
  const size = claim.text("spec", "resources", "requests", "storage");
  const storageClass = claim.text("spec", "storageClassName");
  const modes = claim.peek("spec", "accessModes");
  if (Array.isArray(modes) && modes.length === 1 && modes[0] === "ReadWriteOnce") claim.take("spec", "accessModes");
  mount.take("name");
  mount.take("readOnly");
  const mountPath = mount.text("mountPath");
  draft.put(["volume"], { size, mountPath, ...(storageClass !== undefined && { storageClass }) }, place);
  findings.check(
    place,
    `the pods get new, empty volumes. Copy the data, or give the volumes to the new claims (data-${draft.name}-0 and so on): docs/import.md`,
  );
}
