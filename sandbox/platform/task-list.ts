import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { PlainRenderer } from "./plain-renderer.ts";

/**
 * A list of steps under one title: on a terminal a live tree with timers, which folds to one line when all is done;
 * elsewhere lines of what took long, changed something or failed.
 * @param state what the platform is when all steps have ended.
 */
export function platformTasks(
  steps: readonly ListrTask[],
  state: "up" | "stopped" | "removed" | "its cluster is empty",
): Listr {
  const whole: ListrTask = {
    title: "Platform",
    task: (_, task) => {
      const last: ListrTask = {
        task: () => {
          task.title = `Platform: ${state}`;
        },
      };
      return task.newListr([...steps, last], { concurrent: false });
    },
  };
  return new Listr([whole], {
    renderer: "default",
    // The command says why, at its end.
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRenderer: PlainRenderer,
  });
}
