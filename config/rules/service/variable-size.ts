/**
 * Bytes of NAME=value that Linux passes to a process in one variable (MAX_ARG_STRLEN), without the zero byte at its end. A container
 * with more does not start: https://man7.org/linux/man-pages/man2/execve.2.html
 */
const VARIABLE_BYTES = 128 * 1024 - 1;

/** Bytes that a ConfigMap or a Secret holds: https://kubernetes.io/docs/concepts/configuration/configmap/ */
export const OBJECT_BYTES = 1024 * 1024;

/** Why no process can get such a variable; undefined if it can. */
export function variableSizeFault(name: string, valueBytes: number): string | undefined {
  const bytes = Buffer.byteLength(name) + "=".length + valueBytes;
  if (bytes <= VARIABLE_BYTES) return undefined;
  return (
    `${bytes} bytes with its name; Linux passes ${VARIABLE_BYTES} in one variable at most, and the container would not start. ` +
    "Give it in a file, or in parts"
  );
}
