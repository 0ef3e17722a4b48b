import { join } from "node:path";
import { commitRecord, pushRecord, type RecordChange } from "../../../delivery/git/record.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { assignRelease } from "../../../delivery/releases.ts";
import { readReleases, setReleases } from "../../../delivery/stack-file.ts";
import { type Clone, linesOf, type Remote, useRepositories } from "../repositories.ts";

export const FILE = "stacks/Pulumi.dev.yaml";
export const OTHER = "stacks/Pulumi.prod.yaml";
export const TEXT = `# The first stack that a merge is deployed to.
encryptionsalt:   v1:tJfsqfkg91s=:v1
config:
  slipway:environment: {  services: { api: { tag: 'v0.9.0' } } }   # a release of its own
  slipway:release: "v1.0.0" # this line is the record

  slipway:secret.api.DB_PASSWORD:
    secure: v1:IHHDdsRyVvSjLu19
`;

/** A remote and a clone with two stacks, for each test. */
export const useRecords = () => useRepositories({ [FILE]: TEXT, [OTHER]: TEXT, "app.go": "package main\n" });

/** Gives a service a release. */
export function changeTo(release: string, stack = "dev", service = "web"): RecordChange {
  return {
    stack,
    edit: (text) => setReleases(text, stack, assignRelease(readReleases(text), release, [service])),
    subject: `Deploy ${service} ${release} to ${stack}`,
    action: "deploy",
    actor: "Ada Lovelace",
  };
}

/** @param folder of the project in the repository @returns the commit */
export const commit = async (change: RecordChange, { root }: Clone, folder = "") =>
  (await commitRecord(await openRepository(join(root, folder)), join(root, folder), change))?.commit;
export const push = async (change: RecordChange, { root }: Clone, folder = "") =>
  pushRecord(await openRepository(join(root, folder)), change, "main");

/** Files that a commit changed. */
export const filesOf = async (repository: Clone | Remote, revision: string) =>
  linesOf(await repository.git("show", "--format=", "--name-only", revision));
