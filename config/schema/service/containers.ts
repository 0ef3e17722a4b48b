import { z } from "zod";
import { dnsName, environmentVariable, port, processText, seconds, urlPath } from "../formats.ts";
import { containerPath } from "./files.ts";
import { foreignImage } from "./image.ts";
import { resources } from "./resources.ts";

/** User of an image that somebody else built. Its files may belong to a low number. */
export const foreignUser = z.int().min(1).max(2_147_483_647);

const common = {
  image: foreignImage
    .optional()
    .describe("Image of somebody else, by digest. If left out: the service's own, with all its variables and files."),
  command: z.array(processText).optional().describe("Replaces the image's entry point."),
  args: z.array(processText).optional().describe("Replaces the image's arguments."),
  user: foreignUser.optional().describe("User and group id of the process. If left out: the service's user."),
  resources: resources.describe("Required, as for the service."),
};

const written = {
  config: z
    .record(environmentVariable, processText)
    .default({})
    .describe("Environment variables of this container only. $(NAME) stands for another variable of it."),
  secrets: z
    .array(environmentVariable)
    .default([])
    .describe("Variables in the service's secrets or secretRefs that a container with an image of its own gets."),
  secretFiles: z
    .array(containerPath)
    .default([])
    .describe("Paths in the service's secretFiles that a container with an image of its own gets."),
};

const sidecar = {
  port: port
    .optional()
    .describe("Port that the container listens on. It is probed: other containers start after it answers."),
  probe: z
    .strictObject({
      path: urlPath.optional().describe("HTTP path of the readiness check. If left out: a TCP connect."),
      startupSeconds: seconds.min(1).optional().describe("How long a start may take. 60 if left out."),
    })
    .optional(),
};

const initContainer = z.strictObject({ ...common, ...written });
const sidecarContainer = z.strictObject({ ...common, ...written, ...sidecar });

/** Containers beside the service's own. */
export const containersFields = {
  initContainers: z
    .record(dnsName, initContainer)
    .optional()
    .describe("Containers that run one after another, in this order, before each pod's own container starts."),
  sidecars: z
    .record(dnsName, sidecarContainer)
    .optional()
    .describe(
      "Containers that run beside the service's own: they start before it and its init containers, and stop after it.",
    ),
};

/** A variable in `env`: see config/variables.ts. */
export const chartVariables = z.array(
  z.union([
    z.strictObject({ name: z.string().min(1), value: z.string() }),
    z.strictObject({ name: z.string().min(1), from: z.enum(["config", "secret"]) }),
    z.strictObject({ name: z.string().min(1), secret: z.string(), key: z.string() }),
  ]),
);

const chartContainer = {
  name: dnsName,
  ...common,
  variables: chartVariables.optional(),
  secretFiles: z.array(containerPath).optional(),
};

/** What charts/service takes of them: lists, since Helm sorts the keys of a map. */
export const chartContainersFields = {
  initContainers: z.array(z.strictObject(chartContainer)).optional(),
  sidecars: z.array(z.strictObject({ ...chartContainer, ...sidecar })).optional(),
};
