import { describe, expect, it } from "vitest";
import { resources, serviceFaultsOf } from "./service-faults.ts";

describe("what is mounted", () => {
  it("may be files in one folder, and in a folder that is writable", () => {
    const files = { "/etc/app/a.yaml": "a", "/etc/app/b.yaml": { from: "b.yaml" }, "/tmp/c": "c", "/etc/..d": "d" };
    const secretFiles = { "/etc/app/key": "KEY", "/etc/app/cert": { secret: "web-tls", key: "tls.crt" } };
    expect(serviceFaultsOf({ files, secretFiles, tmp: { paths: ["/var/cache/nginx", "/var/run"] } })).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ["two at one path", { files: { "/a": "" }, secretFiles: { "/a": "KEY" } }, /^secretFiles\./],
    ["/tmp again", { tmp: { paths: ["/tmp"] } }, /^tmp\.paths\[0\]: .*\/tmp is also tmp/],
    ["a folder twice", { tmp: { paths: ["/a", "/a"] } }, /^tmp\.paths\[1\]: .*also tmp\.paths\.0/],
    [
      "a folder at the volume",
      { kind: "stateful", volume: { size: "1Gi", mountPath: "/data" }, tmp: { paths: ["/data"] } },
      /^tmp\.paths\[0\]: .*volume\.mountPath/,
    ],
    [
      "a path under a file",
      { files: { "/etc/app": "", "/etc/app/x": "" } },
      /lies under files\.\/etc\/app, which is a file/,
    ],
    ["a file above a folder", { tmp: { paths: ["/a/b"] }, files: { "/a": "" } }, /^files\..*lies under this file/],
    ["a path of the system", { files: { "/proc/x": "" } }, /belongs to the system/],
    ["the hosts file", { files: { "/etc/hosts": "" } }, /belongs to the system/],
    ["a path that is not absolute", { files: { "etc/a": "" } }, /not allowed.*a path from the root/],
    ["a path with ..", { tmp: { paths: ["/a/../b"] } }, /^tmp\.paths\[0\]: .*a path from the root/],
    ["a path with a colon", { tmp: { paths: ["/a:b"] } }, /^tmp\.paths\[0\]: .*a path from the root/],
    ["a path that ends with /", { tmp: { paths: ["/a/"] } }, /^tmp\.paths\[0\]: .*a path from the root/],
  ])("is not %s", (_, fields, message) => {
    expect(serviceFaultsOf(fields)).toEqual([expect.stringMatching(message)]);
  });
});

describe("writable folders", () => {
  const limits = { ...resources.limits, "ephemeral-storage": "300Mi" };

  it("may fill the pod's disk", () => {
    expect(serviceFaultsOf({ tmp: { sizeLimit: "512Mi", paths: ["/a"] } })).toEqual([]);
    expect(
      serviceFaultsOf({ tmp: { sizeLimit: "100Mi", paths: ["/a", "/b"] }, resources: { ...resources, limits } }),
    ).toEqual([]);
  });

  it.each([
    [{ tmp: { sizeLimit: "513Mi", paths: ["/a"] } }, /^tmp: .*1Gi .*2 × 513Mi.*Raise that limit, or lower/],
    [{ tmp: { sizeLimit: "2Gi" } }, /^tmp\.sizeLimit: .*1Gi .*these are 2Gi/],
    [{ tmp: { paths: ["/a"] }, resources: { ...resources, limits } }, /^tmp: .*300Mi .*2 × 256Mi/],
    [{ tmp: { sizeLimit: "1.1G" } }, /^tmp\.sizeLimit: .*these are 1\.1G/],
  ])("may not be larger than it: %j", (fields, message) => {
    expect(serviceFaultsOf(fields)).toEqual([expect.stringMatching(message)]);
  });
});
