import type { ListrTask } from "listr2";
import { ensureImage, imageName } from "../images/build.ts";
import type { ImageRecipe } from "../images/recipes.ts";
import { type Daemon, ensureDaemon } from "../processes/daemon.ts";
import { ensureTool, isBuilt } from "../toolchain.ts";
import { type ToolName, tools } from "../tools.ts";
import { progressTo } from "./task-progress.ts";

/** A step that did something says so in its title. Without a terminal, the others are not shown. */
export type Step = ListrTask;

/** Always given: a list inside a concurrent one is concurrent by default. */
export const inTurn = { concurrent: false };
export const together = { concurrent: true };

/** A step that starts one process unless it runs. */
export function daemonStep(title: string, describe: () => Daemon): Step {
  return {
    title,
    task: async (_, task) => {
      if ((await ensureDaemon(describe())) === "started") task.title = `${title}: started`;
    },
  };
}

/** A step that builds one tool, unless it is built. */
export function toolStep(name: ToolName): Step {
  const title = `${name} ${tools[name].version}`;
  return {
    title,
    task: async (_, task) => {
      if (await isBuilt(name)) {
        await ensureTool(name);
        return;
      }
      task.title = `${title}: building (once, takes minutes)`;
      task.title = `${title}: ${await ensureTool(name, progressTo(task))}`;
    },
  };
}

/** A step that builds one image unless the registry has it. */
export function imageStep(recipe: ImageRecipe): Step {
  return {
    title: `Image ${imageName(recipe)}`,
    task: async (_, task) => {
      if ((await ensureImage(recipe, progressTo(task))) === "made") task.title = `${task.title}: made`;
    },
  };
}
