import { type ListrBaseClassOptions, PRESET_TIMER } from "listr2";

export interface OutputOptions {
  /** How progress is shown. @default "auto" - a live task list on a terminal, plain lines elsewhere */
  output?: "auto" | "plain" | "silent";
}

type Options = ListrBaseClassOptions<unknown, "default" | "simple" | "silent", "simple">;

/** A live list with timers on a terminal; elsewhere a line when a step begins and one when it ends. */
export function listrOptions({ output = "auto" }: OutputOptions): Options {
  const timer = { timer: PRESET_TIMER };
  if (output === "silent") return { renderer: "silent" };
  return {
    renderer: output === "plain" ? "simple" : "default",
    fallbackRenderer: "simple",
    rendererOptions: timer,
    fallbackRendererOptions: timer,
  };
}
