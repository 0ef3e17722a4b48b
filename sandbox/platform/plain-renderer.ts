import { type ListrRenderer, ListrTaskEventType, type ListrTaskObject, ListrTaskState } from "listr2";
import { formatDuration } from "./duration.ts";

type AnyTask = Pick<
  // biome-ignore lint/suspicious/noExplicitAny: listr2 types a renderer's tasks so
  ListrTaskObject<any, any, any>,
  "title" | "initialTitle" | "hasSubtasks" | "on"
>;

/** Milliseconds after which a running step is shown. */
const LONG = 1000;

/**
 * Progress for a log or a pipe. A step is shown if it takes long, did something (it then changed its title), printed something
 * or failed. The first task stands for the whole and is always shown when it ends. The reason of a failure is in the error.
 */
export class PlainRenderer implements ListrRenderer {
  static nonTTY = true;
  static rendererOptions: never;
  static rendererTaskOptions: never;

  private readonly tasks: readonly AnyTask[];

  constructor(tasks: readonly AnyTask[]) {
    this.tasks = tasks;
  }

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
    // Not the state: if one step fails, the steps beside it that are still running get the state "failed" too.
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
