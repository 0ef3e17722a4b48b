import { awsPlugin } from "./aws/plugin.ts";
import { serve } from "./protocol/serve.ts";

// The SDK is pinned; that its later versions will want a newer Node would only be printed beside every update.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

// Set by bundle.ts from the version of the SDK that the program uses.
void serve(awsPlugin(process.env.SLIPWAY_PLUGIN_VERSION ?? "0.0.0"));
