import { z } from "zod";

const part = z.enum(["major", "minor", "patch"]);

export const versionsSchema = z.strictObject({
  titles: z
    .record(z.string().regex(/\p{L}/u, 'what titles begin with, such as "[FEAT]", "hotfix:" or "feature"'), part)
    .default({})
    .describe(
      "What a pull request's title begins with, and the part of the version that it increments. Brackets, the colon and case do " +
        'not matter: "[FEAT]" also finds "feat: …". Conventional commits and [major], [minor] and [patch] are known already.',
    ),
  labels: z
    .record(z.string().min(1), part)
    .default({})
    .describe(
      "Labels of a pull request, and the part of the version that they increment. A label decides over the title.",
    ),
  default: z
    .enum(["major", "minor", "patch", "refuse"])
    .default("patch")
    .describe("For a pull request that says nothing. refuse: it gets no version until its title is changed."),
});

/** How merges are counted into versions. */
export type VersionRules = z.output<typeof versionsSchema>;
