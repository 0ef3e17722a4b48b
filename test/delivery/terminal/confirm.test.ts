import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { confirm } from "../../../delivery/terminal/confirm.ts";

const answered = (text: string | undefined) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  if (text === undefined) input.end();
  else input.write(text);
  return confirm("Change prod?", { input, output });
};

it.each(["y\n", "Y\n", "yes\n", " YES \n"])("confirm takes %j for a yes", async (text) => {
  expect(await answered(text)).toBe(true);
});

it.each(["\n", "n\n", "no\n", "yess\n", "prod\n", undefined])("confirm takes %j for a no", async (text) => {
  expect(await answered(text)).toBe(false);
});

it("confirm takes Ctrl-C for a no", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const terminal = Object.assign(output, { isTTY: true, columns: 80 });
  const answer = confirm("Change prod?", {
    input: Object.assign(input, { isTTY: true, setRawMode: () => input }),
    output: terminal,
  });
  input.write("\u0003");
  expect(await answer).toBe(false);
});
