import { open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLISECONDS = 100;
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads the lines of a file while another process writes to it. The file may be created later, or never.
 *
 * @param ended resolves when the other process has ended. Whatever is in the file then is read too.
 */
export async function followLines(
  file: string,
  ended: Promise<unknown>,
  onLine: (line: string) => void,
): Promise<void> {
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
  });
  // Whoever waits for the process reports that it could not start.
  over.catch(() => {});
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let position = 0;
  let rest = "";
  const readNew = async () => {
    const handle = await open(file).catch(() => undefined);
    if (handle === undefined) return;
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      }
    } finally {
      await handle.close();
    }
  };
  while (!isOver) {
    await readNew();
    await Promise.race([over, sleep(POLL_MILLISECONDS)]);
  }
  await readNew();
  rest += decoder.end();
  if (rest !== "") onLine(rest);
}
