import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT, readText } from "./markdown.ts";

/** Messages of Pulumi, Helm, Kubernetes and AWS in docs/troubleshooting.md. All others must be in this repository's code. */
const NOT_OURS = [
  "the stack is currently locked",
  "pending operations from previous deployment",
  "incorrect passphrase",
  "cipher: message authentication failed",
  "cannot re-use a name that is still in use",
  "another operation (install/upgrade/rollback) is in progress",
  "CrashLoopBackOff (Error 1)",
  "CrashLoopBackOff (OOMKilled 137)",
  "RunContainerError",
  "CreateContainerError",
  "CreateContainerConfigError",
  "ImagePullBackOff",
  "ErrImagePull",
  "i/o timeout",
  "Unauthorized",
  "already exists",
  "InvalidSubnet.Conflict",
  "AccessDenied",
  "AddressLimitExceeded",
  "VpcLimitExceeded",
  "NodeCreationFailure",
  "AsgInstanceLaunchFailures",
  "VcpuLimitExceeded",
  "UnsupportedCertificate",
  "PodEvictionFailure",
  "The specified log group already exists",
  "DependencyViolation",
];

const page = readText("docs/troubleshooting.md");
/** The messages in the first column of every table. */
const messages = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .flatMap((line) => [...(line.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message));

/** The text of the program, without comments. Strings that continue on the next line are joined. */
const code = ["components", "config", "delivery", "policy", "sandbox"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !/(^|\/)(test|node_modules)\//.test(file))
      .map((file) => readText(join(folder, file))),
  )
  .join("\n")
  .replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "")
  .replaceAll(/["'`] \+\n\s*["'`]/g, "");

const missing = (message: string) => message.split("…").filter((part) => !code.includes(part.trim()));

it("docs/troubleshooting.md quotes messages that the code prints", () => {
  expect(messages.length).toBeGreaterThan(30);
  expect(messages.filter((message) => !NOT_OURS.includes(message) && missing(message).length > 0)).toEqual([]);
});

it("would notice a message that is gone", () => {
  expect(missing("This is … printed by nothing")).not.toEqual([]);
});

it("every message that is called somebody else's is in docs/troubleshooting.md", () => {
  expect(NOT_OURS.filter((message) => !messages.includes(message))).toEqual([]);
});
