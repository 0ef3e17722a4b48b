import { afterEach, expect, it, vi } from "vitest";
import { migrationJob, readMigrationJobs, writeMigrationJobs } from "../../../components/gitops/migration-jobs.ts";
import { jobName } from "../../../components/migrations/migration.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const migration = {
  service: "orders",
  image: `registry.example.com/shop@sha256:${"a".repeat(64)}`,
  config: { command: ["/orders"], args: ["migrate"], phase: "expand" as const, timeoutSeconds: 60 },
};
const first = jobName(migration);
const none = { committed: [], failed: [], isRollback: false };

afterEach(() => vi.unstubAllEnvs());

it("a migration that is the same has the same Job, and a changed one another", () => {
  expect(migrationJob(migration, none)).toBe(first);
  expect(migrationJob({ ...migration, config: { ...migration.config, args: ["migrate", "all"] } }, none)).not.toBe(
    first,
  );
  expect(migrationJob({ ...migration, image: migration.image.replace("aa", "bb") }, none)).not.toBe(first);
});

it("an attempt after a failed one has a number, and its name is no longer than a label may be", () => {
  const longest = { ...migration, service: "o".repeat(40) };
  const name = migrationJob(longest, { ...none, failed: [jobName(longest)] });
  expect(name).toMatch(/-2$/);
  expect(name?.length).toBeLessThanOrEqual(63);
  // That of another service.
  expect(migrationJob(migration, { ...none, failed: [jobName(longest)] })).toBe(first);
  expect(migrationJob(migration, { ...none, failed: [first] })).toBe(`${first}-2`);
  expect(migrationJob(migration, { ...none, failed: [first, `${first}-2`, `${first}-2`] })).toBe(`${first}-3`);
});

it("a rollback has the Job that the release had, and starts none that it did not have", () => {
  expect(migrationJob(migration, { ...none, isRollback: true, committed: [first] })).toBe(first);
  expect(migrationJob(migration, { ...none, isRollback: true })).toBeUndefined();
  expect(migrationJob(migration, { committed: [first], failed: [first], isRollback: true })).toBeUndefined();
});

it("the program reads what the commands say, and nothing of a command that says nothing", () => {
  const folder = temporaryFolder();
  expect(readMigrationJobs(folder)).toEqual(none);
  writeMigrationJobs(folder, { committed: ["a"], failed: ["b"] });
  vi.stubEnv("SLIPWAY_ACTION", "rollback");
  expect(readMigrationJobs(folder)).toEqual({ committed: ["a"], failed: ["b"], isRollback: true });
});
