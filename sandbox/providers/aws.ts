import { awsPlugin } from "./aws/plugin.ts";
import { serve } from "./protocol/serve.ts";

// Set by bundle.ts from the version of the SDK that the program uses.
void serve(awsPlugin(process.env.SLIPWAY_PLUGIN_VERSION ?? "0.0.0"));
