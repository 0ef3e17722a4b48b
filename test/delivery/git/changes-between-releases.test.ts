import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readEnvironment } from "../../../delivery/environment.ts";
import { listConfigChanges, listMigrations } from "../../../delivery/git/changes-between-releases.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { stubMachine } from "../machine.ts";
import { Clone } from "../repositories.ts";

let clone: Clone;
beforeEach(async () => {
  stubMachine();
  clone = await Clone.alone();
});
afterEach(() => vi.unstubAllEnvs());

const release = (number: string, commit: string) => `v${number}-${commit.slice(0, 7)}`;

describe("migrations between two releases", () => {
  const migrations = async (older: string, newer: string, folder: string, project = "") =>
    listMigrations(await openRepository(join(clone.root, project)), { older, newer, folder });
  const sql = (...files: string[]) => Object.fromEntries(files.map((file) => [file, `-- ${file}\n`]));
  const KNOWN = [
    "api/alembic/versions/1_cards.py",
    "api/db/changelog/2-cards.xml",
    "api/db/migrate/3_cards.rb",
    "api/prisma/migrations/4/migration.sql",
    "api/shop/migrations/0005_cards.py",
    "api/src/main/resources/db/migration/V6__cards.sql",
  ];

  it("are new files in the folders that frameworks use, of that service only", async () => {
    const older = await clone.commit("feat: begin", sql("api/db/migrate/1_old.rb"));
    const newer = await clone.commit(
      "feat: cards",
      sql(...KNOWN, "api/db/seed.sql", "api/migrations.md", "api/immigrations/1.sql", "orders/db/migrate/7_orders.rb"),
    );
    expect(await migrations(release("1.0.0", older), release("1.1.0", newer), "api")).toEqual(KNOWN);
    expect(await migrations(release("1.1.0", newer), release("1.1.0", newer), "api")).toEqual([]);
  });

  it("include changed and renamed files, but not deleted ones", async () => {
    const files = ["1_changed.sql", "2_renamed.sql", "3_gone.sql"].map((name) => `api/migrations/${name}`);
    const older = await clone.commit("feat: begin", sql(...files));
    await clone.git("mv", files[1] as string, "api/migrations/4_renamed.sql");
    await clone.git("rm", "--quiet", files[2] as string);
    const newer = await clone.commit("feat: more", { [files[0] as string]: "-- other\n" });
    expect(await migrations(release("1.0.0", older), release("1.1.0", newer), "api")).toEqual([
      "api/migrations/1_changed.sql",
      "api/migrations/4_renamed.sql",
    ]);
  });

  it("have paths relative to a project that is a folder of its repository", async () => {
    const older = await clone.commit("feat: begin", sql("deploy/api/main.go"));
    const newer = await clone.commit("feat: cards", sql("deploy/api/migrations/1.sql", "api/migrations/2.sql"));
    expect(await migrations(release("1.0.0", older), release("1.1.0", newer), "api", "deploy")).toEqual([
      "api/migrations/1.sql",
    ]);
  });

  it("use git tags for releases without a hash", async () => {
    await clone.commit("feat: begin", sql("api/main.go"));
    await clone.git("tag", "v1.0.0");
    await clone.commit("feat: cards", sql("api/migrations/1.sql"));
    await clone.git("tag", "--annotate", "v1.1.0", "--message", "v1.1.0");
    expect(await migrations("v1.0.0", "v1.1.0", "api")).toEqual(["api/migrations/1.sql"]);
  });

  it.each([
    ["v1.0.0", "v1.1.0"],
    ["v1.1.0", "v1.0.0"],
    ["v1.0.0", "v1.1.0-0123abc"],
  ])("are unknown if git does not know one of the releases (%s, %s)", async (older, newer) => {
    await clone.commit("feat: begin", sql("api/migrations/1.sql"));
    await clone.git("tag", "v1.0.0");
    expect(await migrations(older, newer, "api")).toBeUndefined();
  });
});

describe("migrations in a submodule", () => {
  const migrations = async (older: string, newer: string, folder: string) =>
    listMigrations(await openRepository(clone.root), { older, newer, folder });
  let older: string;
  let newer: string;
  let before: string;

  beforeEach(async () => {
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "protocol.file.allow");
    vi.stubEnv("GIT_CONFIG_VALUE_0", "always");
    const source = await Clone.alone();
    await source.commit("feat: begin", { "db/migrations/1.sql": "-- 1\n" });
    before = release("0.9.0", await clone.commit("feat: begin", { "README.md": "# Shop\n" }));
    await clone.git("submodule", "--quiet", "add", source.root, "services/billing");
    older = release("1.0.0", await clone.commit("feat: billing"));
    await new Clone(join(clone.root, "services/billing")).commit("feat: V2", {
      "db/migrations/V2__카드.sql": "-- 2\n",
    });
    await clone.git("add", "services/billing");
    newer = release("1.1.0", await clone.commit("feat: cards"));
  });

  it.each(["services/billing", "services/billing/db", "services"])("are found from %s", async (folder) => {
    expect(await migrations(older, newer, folder)).toEqual(["services/billing/db/migrations/V2__카드.sql"]);
  });

  it("are unknown if the submodule is new, or not checked out", async () => {
    expect(await migrations(before, newer, "services/billing")).toBeUndefined();
    await clone.git("submodule", "--quiet", "deinit", "--force", "services/billing");
    expect(await migrations(older, newer, "services/billing")).toBeUndefined();
  });

  it("are unknown in a folder outside of the repository", async () => {
    expect(await migrations(older, newer, "../elsewhere")).toBeUndefined();
  });
});

describe("config changes since a release", () => {
  const STACK = "stacks/Pulumi.dev.yaml";
  const SHARED = "stacks/services.yaml";
  const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } };
  const service = (over: object = {}) => ({ build: { context: "." }, resources, ...over });

  const file = (release: string, services: object) =>
    JSON.stringify({
      config: {
        "slipway:release": release,
        "slipway:environment": {
          cluster: { target: "existing", context: "here" },
          images: { repository: "localhost/shop" },
          services,
        },
      },
    });
  const shared = (services: object) => JSON.stringify({ namespace: "shop", services });
  const record = (release: string, services: object = {}) =>
    clone.commit(`Deploy ${release}`, { [STACK]: file(release, services) });

  /** As for a rollback to the release. */
  async function changesSince(release: string, services: object = {}, project = ""): Promise<string[]> {
    const root = join(clone.root, project);
    const environment = readEnvironment(root, "dev", file(release, services));
    return listConfigChanges(await openRepository(root), environment, environment.services);
  }

  beforeEach(() => clone.commit("feat: begin", { [SHARED]: shared({ api: service(), web: service() }) }));

  it("contain both values, from the stack's file or the shared one", async () => {
    await record("v1.0.0", { api: { config: { GREETING: "Hello" }, replicas: { min: 1, max: 2 } } });
    await clone.commit("chore: change a port", { [SHARED]: shared({ api: service({ port: 8080 }), web: service() }) });
    const now = { api: { config: { GREETING: "Good morning" }, replicas: { min: 1, max: 2 } } };
    await record("v1.1.0", now);
    expect(await changesSince("v1.0.0", now)).toEqual([
      'api.config.GREETING: "Hello" then, "Good morning" now',
      "api.port: not set then, 8080 now",
    ]);
  });

  it("do not contain releases, restarts and builds, and are empty without a record of the release", async () => {
    await record("v1.0.0", { api: { tag: "v1.0.0", restartedAt: "2026-01-31T12:00:00Z" } });
    const now = { api: { tag: "v1.0.0", restartedAt: "2026-02-01T12:00:00Z", build: { args: { A: "1" } }, port: 80 } };
    expect(await changesSince("v1.0.0", now)).toEqual(["api.port: not set then, 80 now"]);
    expect(await changesSince("v0.9.0", {})).toEqual([]);
  });

  it("start from the record of each service's own release", async () => {
    await record("v1.0.0", { api: { port: 1000 }, web: { port: 1000 } });
    await record("v1.0.0", { api: { port: 1500, tag: "v1.0.5" }, web: { port: 1500 } });
    await record("v1.1.0", { api: { port: 2000 }, web: { port: 2000 } });
    const now = { api: { port: 3000, tag: "v1.0.5" }, web: { port: 3000 } };
    expect(await changesSince("v1.1.0", now)).toEqual([
      "api.port: 1500 then, 3000 now",
      "web.port: 2000 then, 3000 now",
    ]);
  });

  it("start from the last record of a release that ran more than once", async () => {
    await record("v1.0.0", { api: { port: 1000 } });
    await record("v1.1.0", { api: { port: 1000 } });
    await record("v1.0.0", { api: { port: 2000 } });
    await record("v1.1.0", { api: { port: 3000 } });
    expect(await changesSince("v1.0.0", { api: { port: 3000 } })).toEqual(["api.port: 2000 then, 3000 now"]);
  });

  it("do not confuse v1.0.10 with v1.0.1", async () => {
    await record("v1.0.1", { api: { port: 1000 } });
    await record("v1.1.0", { api: { port: 2000 } });
    await record("v1.0.10", { api: { port: 2000 } });
    expect(await changesSince("v1.0.1", { api: { port: 2000 } })).toEqual(["api.port: 1000 then, 2000 now"]);
  });

  it("are found in a project that is a folder of its repository", async () => {
    const files = (port: number) => ({
      [`deploy/${SHARED}`]: shared({ api: service({ port }) }),
      [`deploy/${STACK}`]: file("v1.0.0", {}),
    });
    await clone.commit("feat: begin", files(1000));
    await clone.commit("chore: change a port", files(2000));
    expect(await changesSince("v1.0.0", {}, "deploy")).toEqual(["api.port: 1000 then, 2000 now"]);
  });
});
