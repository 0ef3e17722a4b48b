import { chmodSync, cpSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { contentHash } from "../../components/content-hash.ts";
import { temporaryFolder } from "../temporary-folder.ts";

function folder(): string {
  const path = temporaryFolder();
  mkdirSync(join(path, "sub"));
  writeFileSync(join(path, "a"), "one");
  writeFileSync(join(path, "sub/b"), "two");
  return path;
}

it("is the same for the same content in another folder", () => {
  const one = folder();
  const other = temporaryFolder();
  cpSync(one, other, { recursive: true });
  expect(contentHash(other)).toBe(contentHash(one));
});

it.each<[string, (path: string) => void]>([
  ["a byte", (path) => writeFileSync(join(path, "sub/b"), "twO")],
  ["a name", (path) => renameSync(join(path, "a"), join(path, "c"))],
  ["a new, empty file", (path) => writeFileSync(join(path, "new"), "")],
  [
    "bytes that move from one file to another",
    (path) => {
      writeFileSync(join(path, "a"), "on");
      writeFileSync(join(path, "sub/b"), "etwo");
    },
  ],
])("changes with %s", (_, change) => {
  const path = folder();
  const before = contentHash(path);
  change(path);
  expect(contentHash(path)).not.toBe(before);
});

it("leaves out the folders that it is told to", () => {
  const path = folder();
  const hash = () => contentHash(path, { except: ["ci"] });
  const before = hash();
  mkdirSync(join(path, "ci"));
  writeFileSync(join(path, "ci/web.yaml"), "");
  expect(hash()).toBe(before);
  writeFileSync(join(path, "values.yaml"), "");
  expect(hash()).not.toBe(before);
});

it("counts permissions only on request: they depend on the umask", () => {
  const path = folder();
  const [without, withModes] = [contentHash(path), contentHash(path, { modes: true })];
  chmodSync(join(path, "a"), 0o600);
  expect(contentHash(path)).toBe(without);
  expect(contentHash(path, { modes: true })).not.toBe(withModes);
});
