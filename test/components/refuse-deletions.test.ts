import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as lastUpdate from "../../components/last-update.ts";
import { refuseDeletions } from "../../components/refuse-deletions.ts";
import { environmentOf } from "../config/config-of.ts";

const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const service = { build: { context: "api" }, resources };
const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: { api: service, web: service, cart: service, mail: service },
};

let said: string[];
beforeEach(() => {
  said = [];
  const services = { api: {}, web: {}, cart: {}, mail: {} };
  vi.spyOn(lastUpdate, "lastOutput").mockImplementation(async (name) => (name === "services" ? services : {}) as never);
  vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(false);
  vi.spyOn(pulumi, "getStack").mockReturnValue("prod");
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => {
    said.push(message);
  });
  return () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  };
});

const off = { enabled: false };
const update = (services: object, rest: object = {}) =>
  refuseDeletions(environmentOf(shared, { services, ...rest }) as Parameters<typeof refuseDeletions>[0]);

describe("an update that removes services", () => {
  it("may remove one", async () => {
    await update({ mail: off });
  });

  it("is refused if it removes several, and says how to allow it", async () => {
    await expect(update({ mail: off, web: off })).rejects.toThrow(
      /Nothing was changed\..*removes 2 services: mail, web\..*--stack prod --allow-delete mail web.*SLIPWAY_ALLOW_DELETE=mail,web/s,
    );
  });

  it("may remove several that are all named, by the command or in the config", async () => {
    vi.stubEnv("SLIPWAY_ALLOW_DELETE", "web,mail");
    await update({ mail: off, web: off });
    await expect(update({ mail: off, web: off, cart: off })).rejects.toThrow(/removes 3 services/);
    await update({ mail: off, web: off, cart: off }, { policies: { allowDelete: ["cart"] } });
  });

  it("counts none that only gets another name", async () => {
    await update({ mail: off, cart: off, basket: { ...service, renamedFrom: "cart" } });
  });

  it("is only warned of in a preview", async () => {
    vi.mocked(pulumi.runtime.isDryRun).mockReturnValue(true);
    await update({ mail: off, web: off });
    expect(said).toEqual([expect.stringMatching(/would be refused.*mail, web/)]);
  });

  it("is none if nothing ran before", async () => {
    vi.mocked(lastUpdate.lastOutput).mockResolvedValue(undefined);
    await update({ mail: off, web: off });
  });
});
