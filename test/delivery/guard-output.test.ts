import { PassThrough } from "node:stream";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { guardOutput } from "../../delivery/guard-output.ts";
import { githubCommand } from "../../delivery/log-commands.ts";
import { projectRoot } from "../project-root.ts";

let stream: PassThrough;
beforeEach(() => {
  stream = new PassThrough();
  guardOutput(stream as unknown as NodeJS.WriteStream);
});
afterEach(() => vi.unstubAllEnvs());

const written = () => String(stream.read() ?? "");

it("masks everything that is written from then on, text and bytes", async () => {
  vi.stubEnv("SOME_TOKEN", "a-token-of-nobody");
  await new Promise<void>((done) => stream.write("a-token-of-nobody said\n", () => done()));
  stream.write("a-token-of-nobody, in ü\n", "utf8");
  expect(written()).toBe("*** said\n***, in ü\n");
  stream.write(Buffer.from("a-token-of-nobody, in bytes\n"));
  expect(written()).toBe("***, in bytes\n");
});

it("keeps a character that two chunks of bytes share", () => {
  const bytes = Buffer.from("ü\n");
  stream.write(bytes.subarray(0, 1));
  stream.write(bytes.subarray(1));
  expect(written()).toBe("ü\n");
});

it("lets no line command a CI runner, wherever the line begins", () => {
  stream.write("a\n::stop-commands::x\n  ::error::y\r::set-output name=a::b\n\u00a0::debug::z\nmid ::error::line\n");
  stream.write("first half ");
  stream.write("::error::of a line\n");
  stream.write("::add-mask::e\n");
  stream.write("  ");
  stream.write("::warning::split\n");
  for (const line of written().split(/[\r\n]/)) expect(line).not.toMatch(/^\s*::/);
});

it("lets no text command a runner that looks within lines", () => {
  stream.write("##[add-mask]o ##vso[task.setvariable variable=a]b ###[error]c ##teamcity[d] ## Title [x]\n");
  expect(written()).toBe(
    "# #[add-mask]o # #vso[task.setvariable variable=a]b ## #[error]c # #teamcity[d] ## Title [x]\n",
  );
});

it("lets our own annotations through, once", () => {
  const command = githubCommand("warning", "50 %\n::error::x ##[error]y", { title: "a: b, c" });
  stream.write(`${command}\n`);
  expect(written()).toBe("::warning title=a%3A b%2C c::50 %25%0A::error::x # #[error]y\n");
  stream.write(`${command}\n`);
  expect(written()).toMatch(/^\| ::warning/);
});

it("goes on after the reader has gone", async () => {
  const program = `
    const { guardOutput } = await import("./delivery/guard-output.ts");
    guardOutput(process.stdout);
    guardOutput(process.stderr);
    const { setTimeout: sleep } = await import("node:timers/promises");
    for (let line = 0; line < 20; line++) { console.log(line); console.error(line); await sleep(20); }
    process.exitCode = 7;`;
  const child = execa("node", ["--input-type=module", "--eval", program], {
    cwd: projectRoot,
    buffer: false,
    reject: false,
  });
  child.stdout.once("data", () => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
  expect((await child).exitCode).toBe(7);
});
