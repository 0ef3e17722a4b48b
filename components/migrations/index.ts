export { type MigrationPlan, planMigrations } from "./plan.ts";
export { MigrationStages } from "./stages.ts";
