import { createHash } from "node:crypto";
import { execa } from "execa";
import type { Clone } from "../repositories.ts";

/** Two commits whose hashes start with the same seven digits, on no branch. */
export async function createTwins(clone: Clone): Promise<[string, string]> {
  const tree = await clone.git("hash-object", "-w", "-t", "tree", "/dev/null");
  const by = "Grace <grace@example.com> 1704067200 +0000";
  const seen = new Map<string, string>();
  const write = async (text: string) => {
    const args = ["hash-object", "-w", "-t", "commit", "--stdin"];
    return (await execa("git", args, { cwd: clone.root, input: text })).stdout;
  };
  for (let count = 0; ; count++) {
    const text = `tree ${tree}\nauthor ${by}\ncommitter ${by}\n\nfeat: ${count}\n`;
    const hash = createHash("sha1")
      .update(`commit ${Buffer.byteLength(text)}\0${text}`)
      .digest("hex");
    const twin = seen.get(hash.slice(0, 7));
    if (twin !== undefined) return [await write(twin), await write(text)];
    seen.set(hash.slice(0, 7), text);
  }
}
