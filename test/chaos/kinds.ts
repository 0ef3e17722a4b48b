import type { Fleet, ServiceName } from "./fleet.ts";

/** A kind of update that is killed. */
export interface Kind {
  /** Services of its stack. */
  services: readonly ServiceName[];
  /** The service that gets requests all the while. @default - nothing serves */
  underLoad?: ServiceName;
  command: "up" | "destroy";
  /** Leads to what the update begins from. The stack is deployed, or not yet. */
  prepare?(fleet: Fleet): Promise<void>;
  /** Writes what the update is to deploy. */
  change?(fleet: Fleet): void;
  /** Writes what the next command is to deploy. @default - the same again */
  turnBack?(fleet: Fleet): void;
}

const deployed = async ({ shop }: Fleet) => void (await shop.up());

/** What a release that is taken back adds to the one before: a volume and its mount, and more pods. */
const ADDED = { tmp: { paths: ["/var/added"] }, replicas: { min: 2, max: 3 } };
const WITHOUT = { tmp: { paths: [] }, replicas: { min: 2, max: 2 } };

export const KINDS = {
  create: { services: ["api"], command: "up", prepare: ({ shop }) => shop.begin() },
  install: {
    services: ["api", "green"],
    underLoad: "api",
    command: "up",
    prepare: async (fleet) => {
      fleet.enable("green", false);
      await deployed(fleet);
    },
    change: (fleet) => fleet.enable("green", true),
  },
  rolling: update("api"),
  blueGreen: update("green"),
  canary: update("canary"),
  migration: update("orders"),
  rollback: {
    services: ["api"],
    underLoad: "api",
    command: "up",
    prepare: async (fleet) => {
      await deployed(fleet);
      fleet.change("api", 1);
      await deployed(fleet);
    },
    change: (fleet) => fleet.change("api", -1),
  },
  turnBack: turnBack("api"),
  turnBackCanary: turnBack("canary"),
  destroy: { services: ["api"], command: "destroy", prepare: deployed },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

function update(service: ServiceName): Kind {
  return {
    services: [service],
    underLoad: service,
    command: "up",
    prepare: deployed,
    change: (fleet) => fleet.change(service, 1),
  };
}

/** The next command wants the release before, as a person does who has second thoughts. */
function turnBack(service: ServiceName): Kind {
  return {
    ...update(service),
    change: (fleet) => fleet.change(service, 1, ADDED),
    turnBack: (fleet) => fleet.change(service, -1, WITHOUT),
  };
}
