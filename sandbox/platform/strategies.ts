import { missingImages } from "../images/build.ts";
import { strategyRecipes } from "../images/public-images.ts";
import { toolsNeededBy } from "../tools.ts";
import { imageStep, inTurn, type Step, toolStep } from "./steps.ts";

/** What stacks with blue/green or canary rollouts need beside the platform. */
export const strategiesStep: Step = {
  title: "Blue/green and canary",
  task: async (_, task) =>
    task.newListr(
      [
        ...toolsNeededBy("strategies").map(toolStep),
        {
          title: "Images",
          task: async (_, images) => images.newListr((await missingImages(strategyRecipes)).map(imageStep), inTurn),
        },
      ],
      inTurn,
    ),
};
