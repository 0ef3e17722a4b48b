import { z } from "zod";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import { processText, urlPath } from "../formats.ts";

const step = z.union(
  [
    z.strictObject({
      weight: z
        .int()
        .min(1)
        .max(100)
        .describe(
          "Percent of the requests that the new version gets. Without hosts: percent of the pods that are new.",
        ),
    }),
    z.strictObject({
      pause: z
        .union(
          [z.int().min(1).max(MAX_ROLLOUT_SECONDS), z.literal("manual")],
          `seconds from 1 to ${MAX_ROLLOUT_SECONDS}, or manual`,
        )
        .describe("Seconds until the next step. manual: until somebody promotes the canary."),
    }),
  ],
  "{ weight: 10 }, { pause: 60 } or { pause: manual }",
);

const analysis = z
  .strictObject({
    successRate: z
      .number()
      .gt(0)
      .max(100)
      .describe(
        "Percent of the canary's requests that must not be answered with 5xx, or by gRPC with a status that is the server's fault, in each " +
          "interval. Needs Prometheus.",
      ),
    p95Milliseconds: z
      .int()
      .min(1)
      .max(10_000)
      .describe("Time in which 95 of 100 requests to the canary must be answered, in each interval. Needs Prometheus."),
    intervalSeconds: z
      .int()
      .min(10)
      .max(600)
      .describe(
        "Time between two measurements, and what each looks back on. With a Prometheus of your own: at least four times its scrape " +
          "interval. If left out: 30.",
      ),
    minimumRequests: z
      .int()
      .min(1)
      .describe("Requests in an interval without which a measurement says nothing: see onTooFew. If left out: 20."),
    failureLimit: z
      .int()
      .min(0)
      .max(10)
      .describe("Failed measurements that the canary may have. With one more it is aborted. If left out: 0."),
    onTooFew: z
      .enum(["promote", "hold"])
      .describe(
        "What a measurement with too few requests does. promote: it counts as passed. hold: after inconclusiveLimit of them the canary " +
          "waits until somebody promotes or aborts it. If left out: promote.",
      ),
    inconclusiveLimit: z
      .int()
      .min(0)
      .max(20)
      .describe("With onTooFew: hold, measurements with too few requests that the canary may have. If left out: 2."),
    onError: z
      .enum(["abort", "promote"])
      .describe(
        "What happens if Prometheus does not answer five times in a row. abort: the canary is aborted, and the reason says so. " +
          "promote: its steps go on. If left out: abort.",
      ),
    command: z
      .array(processText)
      .min(1)
      .describe(
        "Smoke test: a command of the service's image, in a pod of its own with the service's variables and files, before the canary " +
          "gets requests. CANARY_URL is the canary's address. Any exit code but 0 aborts the canary.",
      ),
    timeoutSeconds: z.int().min(1).max(3600).describe("How long the command may take. If left out: 120."),
    path: urlPath.describe(
      "Web check: a path of the canary that must answer with 2xx within 10 s, before the canary gets requests.",
    ),
  })
  .partial();

/** What strategy: canary takes of a rollout. Names are those of Argo Rollouts where it has one. */
export const canaryFields = {
  steps: z
    .array(step)
    .min(1)
    .max(20)
    .optional()
    .describe(
      "strategy: canary only. Steps in which requests move to the new version; after the last one it gets all. If left out: weight 10, " +
        "pause 60, weight 50, pause 60.",
    ),
  header: z
    .strictObject({
      name: z.string().regex(/^[-A-Za-z0-9]{1,64}$/, "the name of an HTTP header, such as X-Canary"),
      value: z.string().regex(/^[-A-Za-z0-9._~+/=]{1,64}$/, "letters, digits and - . _ ~ + / ="),
    })
    .optional()
    .describe(
      "strategy: canary only. Requests with this header always reach the canary, such as those of testers. While there is none, they reach " +
        "the version that serves everybody.",
    ),
  analysis: analysis
    .optional()
    .describe(
      "strategy: canary only. What is measured of the canary. What fails aborts it: the old version serves all again.",
    ),
};
