import type { Path, Source } from "./fault.ts";

/** The config of a stack. */
export interface StackConfig {
  /** The stack's name. */
  stack: string;
  /** By key, such as slipway:release. */
  source: Source;
  /** Whether the value of a key is encrypted, or contains an encrypted value. */
  isSecret(key: string): boolean;
  /** Whether the stack needs a release already. */
  needsRelease: boolean;
  /** Whether these are all keys. If not, a missing secret is not a fault: it may come from elsewhere. */
  isComplete: boolean;
  /**
   * The release as the stack's file writes it without quotes.
   *
   * @default - it is in quotes, or not known
   */
  unquotedRelease?: string | undefined;
  /**
   * Where the stack's file has a date without quotes, within its part of the environment.
   *
   * @default - not known
   */
  unquotedDates?: readonly Path[];
  /**
   * Bytes of a secret's value.
   *
   * @default - not known
   */
  secretBytes?(key: string): number;
}
