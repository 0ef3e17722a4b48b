import type { EnvironmentConfig, ParsedEnvironment } from "../schema/environment.ts";

/** What the rules look at. Each field is well-formed. */
export interface Checked {
  environment: ParsedEnvironment;
  /** The same without the schema's defaults: what people wrote. */
  written: EnvironmentConfig;
  /** The stack's name. */
  stack: string;
  /** `slipway:release`; undefined if it is missing or malformed. */
  release: string | undefined;
}
