import { describe, expect, it } from "vitest";
import {
  dnsName,
  duration,
  environmentVariable,
  hostName,
  mountPath,
  namespaceName,
  objectName,
  probePath,
  processText,
  releaseTag,
  urlPath,
} from "../../../config/schema/formats.ts";
import { annotations, labels, qualifiedName } from "../../../config/schema/kubernetes-metadata.ts";

const label = "a".repeat(63);

describe.each([
  {
    what: "a service's name",
    schema: dnsName,
    accepted: ["a", "web", "no-1", "yes-no", "a".repeat(40)],
    refused: [
      "",
      "1a",
      "a-",
      "A",
      "a.b",
      "a".repeat(41),
      "y",
      "n",
      "yes",
      "no",
      "on",
      "off",
      "true",
      "false",
      "null",
      "~",
    ],
  },
  {
    what: "a namespace that exists",
    schema: namespaceName,
    accepted: ["ingress-nginx", "2048-game", label],
    refused: ["", "1234", "no", "a.b", "Ingress", `${label}a`],
  },
  {
    what: "an object that exists",
    schema: objectName,
    accepted: ["nginx", "nginx.internal", "gp3", "1a"],
    refused: ["", "on", "1.10", "12", "1e5", "a..b", ".a", "a: b", "a #b", "a".repeat(254)],
  },
  {
    what: "a host",
    schema: hostName,
    accepted: ["a.io", "*.example.com", "xn--bcher-kva.example", `${label}.example.com`],
    refused: [
      "localhost",
      "a.*.com",
      "*",
      "*example.com",
      "10.0.0.1",
      "a.com.",
      `${label}a.com`,
      `${`${label}.`.repeat(4)}com`,
      "a_b.com",
    ],
  },
  {
    what: "a path prefix",
    schema: urlPath,
    accepted: ["/", "/api", "/api/", "/a.b/c..d", "/a%20b", "/~x"],
    refused: [
      "",
      "api",
      "/a b",
      "/a?b=1",
      "/a#b",
      "//",
      "/a//b",
      "/./a",
      "/a/..",
      "/a/../b",
      "/a%2fb",
      "/a%2Fb",
      "/a%2",
      "/`",
      "/ä",
    ],
  },
  {
    what: "a probe's path",
    schema: probePath,
    accepted: ["/", "/healthz", "/healthz?full=1&x=?"],
    refused: ["healthz", "/a b", "/a#b", "/%zz"],
  },
  {
    what: "a mount's path",
    schema: mountPath,
    accepted: ["/data", "/var/lib/data", "/processes", "/a..b"],
    refused: [
      "/",
      "data",
      "/data/",
      "/a//b",
      "/a/../b",
      "/..",
      "/.",
      "/proc",
      "/proc/x",
      "/sys",
      "/dev/shm",
      "/a:b",
      "/a b",
      "",
    ],
  },
  {
    what: "a variable's name",
    schema: environmentVariable,
    accepted: ["A", "_a", "spring.datasource.url", "MY-VAR", "a".repeat(253), "constructor"],
    refused: ["", "1A", ".", "..", "..a", "A B", "A=B", "ä", "a".repeat(254), "__proto__"],
  },
  { what: "a variable's value", schema: processText, accepted: ["", "a\nb", "ä"], refused: ["a\0b"] },
  {
    what: "a duration",
    schema: duration,
    accepted: ["0s", "500ms", "90s", "1h30m", "1.5h"],
    refused: ["", "60", "0", "1d", "-1s", "1 h", "s"],
  },
  {
    what: "a release",
    schema: releaseTag,
    accepted: ["v1", "1.10", "0123456", "a_b"],
    refused: ["", "-a", "a-", "a b", "a:b", "a".repeat(64)],
  },
  {
    what: "a key of labels and annotations",
    schema: qualifiedName,
    accepted: ["team", "example.com/team", "a/B_c.d", label, `${"a".repeat(253)}/b`],
    refused: [
      "",
      "team name",
      "/team",
      "example.com/",
      "a/b/c",
      "Example.com/a",
      "-a",
      "a-",
      `${label}a`,
      `${"a".repeat(254)}/b`,
    ],
  },
])("$what", ({ schema, accepted, refused }) => {
  it.each(accepted)("may be %j", (value) => expect(schema.safeParse(value).success).toBe(true));
  it.each(refused)("may not be %j", (value) => expect(schema.safeParse(value).success).toBe(false));
});

it("labels have short values of few characters", () => {
  expect(labels.safeParse({ disk: "ssd", empty: "", "example.com/x": label }).success).toBe(true);
  for (const value of ["ssd!", "a b", "-a", `${label}a`]) expect(labels.safeParse({ disk: value }).success).toBe(false);
});

it("annotations have 256 KiB together with their keys", () => {
  const room = 256 * 1024 - "a".length - "b".length;
  expect(annotations.safeParse({ a: "x".repeat(room), b: "" }).success).toBe(true);
  expect(annotations.safeParse({ a: "x".repeat(room), b: "x" }).error?.issues[0]?.message).toMatch(/262145 bytes/);
  // An umlaut has two bytes.
  expect(annotations.safeParse({ a: "ä".repeat(room / 2 + 1) }).success).toBe(false);
});
