import { Failure } from "../failure.ts";
import { setRestartedAt } from "../stack-file.ts";
import { runUpdate, prepareUpdate, type UpdateOptions } from "../update/run.ts";

/**
 * Rolls the pods of services without a new image, as carefully as a deploy does.
 *
 * @throws Failure if it is refused or fails.
 */
export async function restart(options: UpdateOptions, root: string): Promise<void> {
  const ground = await prepareUpdate(options, root);
  const { stack, service = [] } = options;
  const services = service.length > 0 ? service : ground.environment.services.map(({ name }) => name);
  if (services.length === 0) throw new Failure(`restart: ${stack} runs no service.`);
  const at = new Date().toISOString();
  const what = service.length > 0 ? service.join(", ") : "all services";
  await runUpdate(ground, {
    action: "restart",
    subject: `Restart ${what} of ${stack}`,
    edit: (text) => setRestartedAt(text, stack, services, at),
  });
}
