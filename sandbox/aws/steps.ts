import { missingImages } from "../images/build.ts";
import { ensureBaseImages, publicRecipes } from "../images/public-images.ts";
import { imageStep, inTurn, type Step, toolStep } from "../platform/steps.ts";
import { progressTo } from "../platform/task-progress.ts";
import { toolsNeededBy } from "../tools.ts";
import { ensureEmulator } from "./emulator.ts";

const emulatorStep: Step = {
  title: "Emulator",
  task: async (_, task) => {
    if ((await ensureEmulator(progressTo(task))) === "started") task.title = `${task.title}: started`;
  },
};

const imageSteps: Step = {
  title: "Images by their public names",
  task: async (_, task) => {
    await ensureBaseImages();
    return task.newListr((await missingImages(publicRecipes)).map(imageStep), inTurn);
  },
};

/** What stacks that live in AWS need beside the platform: the emulated AWS, and what they name by public addresses. */
export const awsStep: Step = {
  title: "Emulated AWS",
  task: (_, task) => task.newListr([emulatorStep, ...toolsNeededBy("aws").map(toolStep), imageSteps], inTurn),
};
