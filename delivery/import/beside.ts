import { isDeepStrictEqual } from "node:util";
import { type Context, carry } from "./context.ts";
import type { Fields } from "./fields.ts";
import { pinned } from "./image.ts";
import { putArguments } from "./process.ts";
import { resourcesOf } from "./resources.ts";
import { readSecurity } from "./security.ts";
import { readVariables } from "./variables.ts";

/** Sets sidecars and initContainers: what runs beside the service's own container, or before it. */
export function putBeside(pod: Fields, own: Fields, context: Context): void {
  for (const container of pod.list("containers")) {
    if (container.base.at(-1) !== own.base.at(-1)) putContainer("sidecars", container, own, context);
  }
  for (const container of pod.list("initContainers")) {
    const isSidecar = container.take("restartPolicy") === "Always";
    putContainer(isSidecar ? "sidecars" : "initContainers", container, own, context);
  }
}

function putContainer(field: "sidecars" | "initContainers", container: Fields, own: Fields, context: Context): void {
  const { draft, findings, settings } = context;
  const name = container.text("name") ?? "";
  const at = [field, name];
  const image = container.text("image") ?? "";
  const isOwn = image === own.peek("image");
  if (!isOwn) {
    const reference = pinned(image, settings);
    if (reference === undefined) {
      const known = settings.digests.get(image);
      const why = known && "reason" in known ? known.reason : "no registry was asked";
      findings.leaveOut(
        container,
        `the digest of its image ${image} is not known (${why}). Write it into ${field} with <image>:<tag>@sha256:<digest>`,
        {
          isSecret: true,
        },
      );
      return;
    }
    draft.put([...at, "image"], reference, container.place("image"));
  }
  putArguments(container, at, context);
  draft.put([...at, "resources"], resourcesOf(container, findings), container.place("resources"));
  putOwnVariables(container, at, isOwn, context);
  const user = readSecurity(container, context);
  if (user !== undefined && user !== draft.get("user"))
    draft.put([...at, "user"], user, container.place("securityContext"));
  if (field === "sidecars") putPort(container, at, context);
  readMounts(container, own);
}

/** A container with the service's image has its variables too. Any other gets those that it names. */
function putOwnVariables(container: Fields, at: string[], isOwn: boolean, context: Context): void {
  const { draft, findings } = context;
  const { config, secrets, wholeSecrets, patch } = readVariables(container, context);
  const place = container.place("env");
  const service = (draft.get("config") ?? {}) as Record<string, string>;
  const different = Object.entries(config).filter(([name, value]) => !isOwn || service[name] !== value);
  draft.put([...at, "config"], Object.fromEntries(different), place);
  const names: string[] = [];
  for (const [name, secret] of secrets) {
    const isKnown = "own" in secret ? addOwnSecret(name, context) : addReference(name, secret, context);
    if (isKnown) names.push(name);
    else
      findings.add(
        "leftOut",
        place,
        `${name} has another value in the service's own container. Give one of them another name`,
      );
  }
  if (!isOwn) draft.put([...at, "secrets"], names, place);
  for (const [secret, whole] of wholeSecrets) {
    const isShared = isOwn && listOf(draft.get("secretRefs")).some((ref) => isDeepStrictEqual(ref, { secret }));
    if (!isShared)
      findings.add(
        "leftOut",
        whole,
        `the keys of the Secret ${secret} are not known. Name them in secretRefs of the service, and in secrets of this container`,
      );
  }
  for (const { name } of patch) findings.add("leftOut", place, `${String(name)} has no field here. Add it by patch`);
}

function addOwnSecret(name: string, { draft, application }: Context): boolean {
  const known = listOf(draft.get("secrets"));
  if (isTaken(name, draft.fields)) return known.includes(name);
  draft.put(["secrets"], [...known, name], application.workload.place());
  return true;
}

function addReference(
  name: string,
  { secret, key }: { secret: string; key: string },
  { draft, application }: Context,
): boolean {
  const refs = listOf(draft.get("secretRefs")) as { secret: string; keys?: Record<string, string> }[];
  const known = refs.find(({ keys }) => keys?.[name] !== undefined);
  if (known !== undefined) return known.secret === secret && known.keys?.[name] === key;
  if (isTaken(name, draft.fields)) return false;
  const same = refs.find((ref) => ref.secret === secret && ref.keys !== undefined);
  const others = refs.filter((ref) => ref !== same);
  draft.put(
    ["secretRefs"],
    [...others, { secret, keys: { ...same?.keys, [name]: key } }],
    application.workload.place(),
  );
  return true;
}

function isTaken(name: string, { config = {}, secrets = [] }: Record<string, unknown>): boolean {
  return name in (config as object) || (secrets as string[]).includes(name);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function putPort(container: Fields, at: string[], context: Context): void {
  const [first, ...others] = container.list("ports");
  if (first === undefined) return;
  first.take("name");
  first.take("protocol");
  carry(context, first, ["containerPort"], [...at, "port"]);
  for (const other of others) context.findings.leaveOut(other, "a sidecar has one port, which is probed");
  const path = container.peek("readinessProbe", "httpGet", "path");
  if (typeof path === "string") {
    container.take("readinessProbe", "httpGet", "path");
    container.take("readinessProbe", "httpGet", "port");
    container.take("readinessProbe", "httpGet", "scheme");
    context.draft.put([...at, "probe", "path"], path, container.place("readinessProbe"));
  }
}

/** Containers beside the service's own have its folders and files. */
function readMounts(container: Fields, own: Fields): void {
  const mounts = own.peek("volumeMounts");
  for (const mount of container.list("volumeMounts")) {
    const isSame = listOf(mounts).some((other) => isSameMount(other, mount.peek()));
    if (isSame || mount.peek("mountPath") === "/tmp") mount.take();
  }
}

function isSameMount(a: unknown, b: unknown): boolean {
  const keyOf = (mount: unknown) => {
    const { name, mountPath, subPath } = mount as Record<string, unknown>;
    return [name, mountPath, subPath];
  };
  return isDeepStrictEqual(keyOf(a), keyOf(b));
}
