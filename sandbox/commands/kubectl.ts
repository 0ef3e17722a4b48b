import { execa } from "execa";
import { paths } from "../paths.ts";
import { toolPath } from "../toolchain.ts";

/** Runs kubectl on the terminal and exits with its exit code. */
export async function kubectl(args: string[]): Promise<void> {
  const { exitCode } = await execa(toolPath("kubectl"), args, {
    stdio: "inherit",
    reject: false,
    env: { KUBECONFIG: paths.kubeconfig },
  });
  process.exitCode = exitCode ?? 1;
}
