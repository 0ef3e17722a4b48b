import fc from "fast-check";
import { expect, it } from "vitest";
import { listMessage } from "../../../delivery/slack/list-message.ts";

const textOf = (title: string, lines: string[]) => String(listMessage(title, lines).text);

it("lists the lines below the title", () => {
  expect(textOf("dev has drifted", ["api was changed", "web:\n  not running"])).toBe(
    "dev has drifted\n• api was changed\n• web: not running",
  );
});

it("says how many lines it leaves out", () => {
  const text = textOf(
    "dev",
    Array.from({ length: 33 }, (_, at) => `line ${at}`),
  );
  expect(text).toMatch(/• line 19\n• and 13 more$/);
});

it("notifies nobody and contains no link, whatever the cluster and the engine say", () => {
  const unit = fc.constantFrom(
    "<",
    ">",
    "&",
    "|",
    "<!channel>",
    "<@U012>",
    "<https://example.com|click>",
    "😀",
    "a",
    "\n",
  );
  const text = fc.string({ unit, maxLength: 300, size: "max" });
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 40, size: "max" }), (title, lines) => {
      const message = listMessage(title, lines);
      const [block] = (message.blocks ?? []) as { text: { text: string } }[];
      for (const shown of [message.text, block?.text.text]) {
        expect(shown).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
        expect(shown?.length).toBeLessThanOrEqual(3000);
        expect(shown).not.toMatch(/\p{Surrogate}/u);
      }
    }),
  );
});
