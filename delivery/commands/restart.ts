import { Failure } from "../failure.ts";
import { setRestartedAt } from "../stack-file.ts";
import { prepareUpdate, type UpdateOptions } from "../update/context.ts";
import { runUpdate } from "../update/run.ts";

/**
 * Replaces the pods of services without a new image, by a rolling update like a deploy.
 *
 * @throws Failure if the restart is refused or fails.
 */
export async function restart(options: UpdateOptions, root: string): Promise<void> {
  const context = await prepareUpdate(options, root);
  const { stack, service = [] } = options;
  const services = service.length > 0 ? service : context.environment.services.map(({ name }) => name);
  if (services.length === 0) throw new Failure(`restart: ${stack} runs no services.`);
  const at = new Date().toISOString();
  const what = service.length > 0 ? service.join(", ") : "all services";
  await runUpdate(context, {
    action: "restart",
    subject: `Restart ${what} of ${stack}`,
    edit: (text) => setRestartedAt(text, stack, services, at),
    releases: context.releases,
  });
}
