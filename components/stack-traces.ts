/**
 * Pulumi makes a stack trace for each of its promises, and source-map-support, which it loads, reads source maps for them: a tenth of
 * the time of an update. Node runs these sources as they are, so a trace names the right lines without.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
