import { missingImages } from "../images/build.ts";
import { gitopsRecipes } from "../images/public-images.ts";
import { toolsNeededBy } from "../tools.ts";
import { imageStep, inTurn, type Step, toolStep } from "./steps.ts";

/** What stacks with an Argo CD of their own need beside the platform. */
export const gitopsStep: Step = {
  title: "Argo CD",
  task: async (_, task) =>
    task.newListr(
      [
        ...toolsNeededBy("gitops").map(toolStep),
        {
          title: "Images",
          task: async (_, images) => images.newListr((await missingImages(gitopsRecipes)).map(imageStep), inTurn),
        },
      ],
      inTurn,
    ),
};
