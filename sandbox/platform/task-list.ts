import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { PlainRenderer } from "./plain-renderer.ts";

/**
 * A list of steps under one title. On a terminal it is a live tree with timers that folds to one line at the end; elsewhere
 * a line for each step that took long, changed something or failed.
 * @param done what is true once all steps have ended; shown after the title.
 */
export function taskList(title: string, steps: readonly ListrTask[], done: string): Listr {
  const whole: ListrTask = {
    title,
    task: (_, task) => {
      const last: ListrTask = {
        task: () => {
          task.title = `${title}: ${done}`;
        },
      };
      return task.newListr([...steps, last], { concurrent: false });
    },
  };
  return new Listr([whole], {
    renderer: "default",
    // The command prints the reason at its end.
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRenderer: PlainRenderer,
  });
}
