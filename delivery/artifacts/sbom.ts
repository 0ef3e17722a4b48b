import { Contrib, Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import { PackageURL } from "packageurl-js";
import type { DeployRun } from "../run-folder.ts";

/**
 * The images that a deploy rolled out as a CycloneDX bill of materials, each with its digest. The contents of an image are in the
 * image's own bill of materials (`docker sbom`, syft), which the digest leads to.
 * Format: https://cyclonedx.org/docs/1.6/json/; package URLs: https://github.com/package-url/purl-spec
 */
export function createSbom({ stack, release, startedAt, images }: DeployRun): string {
  const bom = new Models.Bom();
  bom.serialNumber = Contrib.Bom.Utils.randomSerialNumber();
  bom.metadata.timestamp = new Date(startedAt);
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, stack, {
    version: release,
    bomRef: `${stack}@${release}`,
  });
  for (const [name, { release: version, image }] of Object.entries(images)) {
    const [named = "", digest = ""] = image.split("@");
    // The image of somebody else has a tag of its own.
    const [repository = "", ownTag] = named.split(/:(?=[^/]*$)/);
    const purl = new PackageURL(
      "oci",
      undefined,
      repository.split("/").at(-1) ?? "",
      digest,
      { repository_url: repository, tag: ownTag ?? `${name}-${version}` },
      undefined,
    ).toString();
    const component = new Models.Component(Enums.ComponentType.Container, name, { version, purl, bomRef: purl });
    component.hashes.set(Enums.HashAlgorithm["SHA-256"], digest.replace("sha256:", ""));
    bom.components.add(component);
    bom.metadata.component.dependencies.add(component.bomRef);
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
}
