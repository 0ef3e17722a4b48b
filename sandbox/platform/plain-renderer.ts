import { type ListrRenderer, ListrTaskEventType, type ListrTaskObject, ListrTaskState } from "listr2";
import { formatDuration } from "./duration.ts";

type AnyTask = Pick<
  // biome-ignore lint/suspicious/noExplicitAny: as listr2 types what it hands to a renderer
  ListrTaskObject<any, any, any>,
  "title" | "initialTitle" | "hasSubtasks" | "on"
>;

/** Milliseconds after which a step that is at work is told of. */
const LONG = 1000;

/**
 * Progress for where every line stays: a step is shown when it takes long, did something (it then changed its title),
 * said something, or failed. The first task stands for the whole and is always shown when it ends. Why a step failed is
 * left to whoever catches the error.
 */
export class PlainRenderer implements ListrRenderer {
  static nonTTY = true;
  static rendererOptions: never;
  static rendererTaskOptions: never;

  constructor(private readonly tasks: readonly AnyTask[]) {}

  render(): void {
    for (const task of this.tasks) this.follow(task, true);
  }

  end(): void {}

  private follow(task: AnyTask, always: boolean): void {
    let start = 0;
    let shown = always;
    let timer: NodeJS.Timeout | undefined;
    const long = (): void => {
      if (task.hasSubtasks()) return;
      shown = true;
      console.log(`… ${task.title}`);
    };
    const say = (sign: string): void => {
      console.log(`${sign} ${task.title} (${formatDuration(performance.now() - start)})`);
    };
    task.on(ListrTaskEventType.SUBTASK, (subtasks: readonly AnyTask[]) => {
      for (const subtask of subtasks) this.follow(subtask, false);
    });
    task.on(ListrTaskEventType.OUTPUT, (output: string) => console.log(`  ${task.initialTitle}: ${output}`));
    // Not the state: with one step, those beside it that are still at work are set to failed too.
    task.on(ListrTaskEventType.MESSAGE, ({ error }: { error?: string }) => {
      if (error !== undefined && !always && !task.hasSubtasks()) say("✖");
    });
    task.on(ListrTaskEventType.STATE, (state: ListrTaskState) => {
      if (!task.title) return;
      if (state === ListrTaskState.STARTED) {
        start = performance.now();
        timer = setTimeout(long, LONG);
        return;
      }
      clearTimeout(timer);
      if (state === ListrTaskState.FAILED && always) say("✖");
      if (state === ListrTaskState.COMPLETED && (shown || task.title !== task.initialTitle)) say("✔");
    });
  }
}
