import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";
import { isSecretValue, variableName } from "./secret-values.ts";

/** Sets command and args, unless an argument looks like a secret. */
export function putArguments(container: Fields, at: readonly string[], { draft, findings }: Context): void {
  for (const field of ["command", "args"] as const) {
    const given = container.peek(field);
    if (given === undefined) continue;
    const words = (Array.isArray(given) ? given : [given]).map(String);
    if (holdsSecretArgument(words)) {
      findings.leaveOut(
        container.at(field),
        "an argument looks like a secret. Make it a secret of the service, and write $(NAME) in its place",
        {
          isSecret: true,
        },
      );
      continue;
    }
    container.take(field);
    draft.put([...at, field], words, container.place(field));
  }
}

/** --password=x, PASSWORD=x, or --password followed by x. */
function holdsSecretArgument(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const [, flag = "", value] = /^-*([\w.-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const before = /^--?([\w.-]+)$/.exec(words[index - 1] ?? "")?.[1] ?? "";
    return (
      isSecretValue(variableName(before), word) || (value !== undefined && isSecretValue(variableName(flag), value))
    );
  });
}
