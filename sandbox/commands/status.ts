import { namespaceOf, type StackOptions } from "../engine/stack-file.ts";
import { serviceStatuses, serviceTable } from "../platform/services.ts";
import { platformStatus } from "../platform/status.ts";

/** Prints the state of the platform and of the services. The exit code is 1 unless all are ready. */
export async function printStatus(options: StackOptions & { json?: boolean }): Promise<void> {
  const platform = await platformStatus();
  const namespace = namespaceOf(options);
  const services = platform.ready && namespace ? await serviceStatuses(namespace) : {};
  const whole = Object.values(services).every((service) => service.ready >= service.desired);
  const ready = platform.ready && whole && Object.keys(services).length > 0;
  if (options.json) {
    console.log(JSON.stringify({ ready, services }));
  } else {
    for (const { name, healthy, detail } of platform.parts) {
      console.log(`${healthy ? "✔" : "✖"} ${name}${detail ? `: ${detail}` : ""}`);
    }
    console.log(Object.keys(services).length > 0 ? serviceTable(services) : "No services. npm start deploys them.");
  }
  process.exitCode = ready ? 0 : 1;
}
