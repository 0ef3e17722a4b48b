import { z } from "zod";
import { environmentVariable } from "../formats.ts";

// Helm reads these patterns too, and its regular expressions have no look-ahead.

/** Path of a file or folder in a container. A colon would end the path in a mount: the API server refuses it. */
export const containerPath = z
  .string()
  .max(200)
  .regex(
    /^(\/([^/:.][^/:]*|\.[^/:.][^/:]*|\.\.[^/:]+))+$/,
    "a path from the root without '//', '.', '..', ':' and a '/' at its end, such as /etc/app/app.yaml",
  );

/** Name of an object in the namespace: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
export const objectName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    "the name of an object in the namespace: lower-case letters, digits, '-' and '.'",
  );

/** Key of a Secret or ConfigMap. */
export const dataKey = z
  .string()
  .max(253)
  .regex(
    /^([-_a-zA-Z0-9]|\.[-_a-zA-Z0-9]|\.\.[-._a-zA-Z0-9])[-._a-zA-Z0-9]*$/,
    "a key of letters, digits, '-', '_' and '.', not '.' or '..'",
  );

const text = z.string();
const fromProject = z.strictObject({
  from: z.string().min(1).describe("A text file of the project, by its path from the project's folder."),
});

/** Files that the program puts into a container. */
export const filesFields = {
  files: z
    .record(containerPath, z.union([text, fromProject], 'text, or a map with "from"'))
    .optional()
    .describe(
      "Files of the container, read-only: path and text, or path and { from: file of the project }. A change rolls the pods.",
    ),
  secretFiles: z
    .record(
      containerPath,
      z.union(
        [environmentVariable, z.strictObject({ secret: objectName, key: dataKey })],
        "the name of a secret of the service, such as TLS_KEY, or a map with secret and key of a Secret that exists",
      ),
    )
    .optional()
    .describe(
      "Files whose text is secret, read-only: path and the name of a secret, set with pulumi config set --secret " +
        "slipway:secret.<service>.<NAME>, or path and { secret, key } of a Secret that exists in the namespace.",
    ),
  secretRefs: z
    .array(
      z.strictObject({
        secret: objectName.describe("Name of a Secret that exists in the namespace."),
        keys: z
          .record(environmentVariable, dataKey)
          .optional()
          .describe("Environment variable and key. If left out, each key of the Secret is a variable."),
      }),
    )
    .optional()
    .describe(
      "Secrets that exist in the namespace, such as those of External Secrets, as environment variables. A change in them does not " +
        "roll the pods: restart the service.",
    ),
};

/** What charts/service takes of files and Secrets that exist. */
export const chartFilesFields = {
  filesName: z.string().optional(),
  secretFilesName: z.string().optional(),
  files: z.array(z.strictObject({ path: containerPath, key: dataKey })).optional(),
  secretFiles: z.array(z.strictObject({ path: containerPath, secret: objectName.optional(), key: dataKey })).optional(),
  secretRefs: z.array(objectName).optional(),
};
