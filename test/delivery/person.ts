import { beforeEach, vi } from "vitest";
import * as confirmation from "../../delivery/terminal/confirm.ts";
import * as styles from "../../delivery/terminal/style.ts";

/** Somebody at the terminal, or nobody. */
export interface Person {
  /** @default false */
  isThere: boolean;
  /** What they answer to every question. @default false */
  answer: boolean;
  /** What they were asked. */
  questions: string[];
  /** What happens while they think about it. @default - nothing */
  meanwhile: () => void;
}

/** A person for the tests of a file, who starts each of them with the defaults. */
export function usePerson(): Person {
  const person = {} as Person;
  beforeEach(() => {
    Object.assign(person, { isThere: false, answer: false, questions: [], meanwhile: () => {} });
    const isAttended = vi.spyOn(styles, "isAttended").mockImplementation(() => person.isThere);
    const confirm = vi.spyOn(confirmation, "confirm").mockImplementation(async (question) => {
      person.questions.push(question);
      person.meanwhile();
      return person.answer;
    });
    return () => {
      isAttended.mockRestore();
      confirm.mockRestore();
    };
  });
  return person;
}
