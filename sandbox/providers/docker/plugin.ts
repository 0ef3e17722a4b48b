import { compare } from "../protocol/compare.ts";
import type { CheckFailure, Plugin, ResourceHandler } from "../protocol/handler.ts";
import type { PropertyMap } from "../protocol/value.ts";
import { Daemon } from "./daemon.ts";
import { Image } from "./image.ts";

const SERVED = ["host", "registryAuth", "certPath", "caMaterial", "certMaterial", "keyMaterial"];
/** Arguments that the engine adds to every provider. */
const ENGINE_KEYS = ["version", "pluginDownloadURL", "pluginChecksums", "__internal"];

/** The stand-in for the official `docker` plugin, with the one resource type that the program declares. */
export function dockerPlugin(version: string): Plugin {
  return {
    version,
    checkConfig: (news: PropertyMap): CheckFailure[] =>
      Object.keys(news)
        .filter((key) => !SERVED.includes(key) && !ENGINE_KEYS.includes(key) && news[key] !== null)
        .map((property) => ({
          property,
          reason: `the stand-in for the docker plugin does not serve "${property}" (served: ${SERVED.join(", ")})`,
        })),
    diffConfig: async (olds, news) => ({ changes: compare(olds, news) }),
    async configure(config) {
      const daemon = await Daemon.connect(config);
      return new Map<string, ResourceHandler>([["docker:index/image:Image", new Image(daemon)]]);
    },
  };
}
