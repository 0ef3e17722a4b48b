import { isMap } from "../../config/merge.ts";
import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";

/** The ConfigMaps and Secrets among the manifests. Of a Secret only the names of its keys are read. */
export class NamedObjects {
  private readonly objects: ReadonlyMap<string, Fields>;
  private readonly used = new Set<string>();

  constructor(manifests: readonly Fields[]) {
    const named = manifests.filter(({ kind }) => kind === "ConfigMap" || kind === "Secret");
    this.objects = new Map(named.map((fields) => [`${fields.kind} ${fields.name}`, fields]));
  }

  /** Texts of a ConfigMap by key; undefined if it is not among the manifests. */
  configMap(name: string): { fields: Fields; data: Record<string, string> } | undefined {
    const fields = this.find("ConfigMap", name);
    if (fields === undefined) return undefined;
    const data = fields.peek("data");
    const texts = Object.entries(isMap(data) ? data : {}).map(([key, value]) => [key, String(value)]);
    return { fields, data: Object.fromEntries(texts) };
  }

  /** Names of a Secret's keys; undefined if it is not among the manifests. */
  secretKeys(name: string): { file: string; keys: string[] } | undefined {
    const fields = this.find("Secret", name);
    if (fields === undefined) return undefined;
    return { file: fields.file, keys: [...new Set([...fields.keys("data"), ...fields.keys("stringData")])].sort() };
  }

  /** Lists what no workload names, and what a ConfigMap has besides texts. */
  reportUnused(findings: Findings): void {
    for (const [name, fields] of this.objects) {
      const place = { ...fields.place(), path: [] };
      if (!this.used.has(name)) {
        const advice =
          fields.kind === "Secret"
            ? "no variable or file of a workload names it. If something else does, such as imagePullSecrets, keep applying it"
            : "no workload that was read names it. Keep it if something else needs it";
        findings.add("leftOut", place, advice);
      } else if (fields.kind === "ConfigMap" && fields.keys("binaryData").length > 0) {
        findings.leaveOut(fields.at("binaryData"), "files of a service are text. Put it into the image", {
          isSecret: true,
        });
      }
    }
  }

  private find(kind: string, name: string): Fields | undefined {
    const key = `${kind} ${name}`;
    const fields = this.objects.get(key);
    if (fields) this.used.add(key);
    return fields;
  }
}
