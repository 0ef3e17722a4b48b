import { reasonOf } from "../failure.ts";

/** The result of one check. */
export interface Finding {
  /** What was checked: git, pulumi, registry, … */
  name: string;
  /** optional: missing, but only some commands need it. */
  result: "ok" | "missing" | "optional";
  /** What was found, or what is wrong. */
  text: string;
  /** What to do, a command if possible. Undefined if it is ok. */
  fix?: string;
}

interface Check {
  name: string;
  /** @returns what was found @throws what is wrong */
  find: () => Promise<string>;
  /** What to do if it is missing. */
  fix: string;
  /** Only some commands need it. @default false */
  optional?: boolean;
}

/** Runs a check. It never throws. */
export async function check({ name, find, fix, optional = false }: Check): Promise<Finding> {
  try {
    return { name, result: "ok", text: await find() };
  } catch (error) {
    return { name, result: optional ? "optional" : "missing", text: reasonOf(error), fix };
  }
}
