import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Text in a colour where the stream is a terminal that shows colours. NO_COLOR and FORCE_COLOR apply. */
export function style(format: Format, text: string, stream: NodeJS.WriteStream = process.stderr): string {
  return styleText(format, text, { stream });
}

/** Whether somebody sits at the terminal and can be asked. */
export function isAttended(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}
