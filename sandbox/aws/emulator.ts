import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { authorityFile } from "../cluster/certificates.ts";
import { ensurePythonPackages } from "../machine/python-packages.ts";
import { portFaults } from "../machine/requirements.ts";
import { apiUrl, network, paths, ports, registryHost } from "../paths.ts";
import { type Daemon, ensureDaemon } from "../processes/daemon.ts";

/** Where the emulated AWS answers, all services and regions of it. */
export const emulatorUrl = `http://127.0.0.1:${ports.aws}`;
export const emulatorName = "aws";

const folder = import.meta.dirname;
const requirements = join(folder, "requirements.txt");
const additions = join(folder, "additions");

/** The emulator's sources: it restarts when one of them changes. */
function sources(): string[] {
  const files = readdirSync(additions, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(py|csv)$/.test(file),
  );
  const own = [requirements, join(folder, "emulator.py"), ...files.sort().map((file) => join(additions, file))];
  return own.map((file) => readFileSync(file, "utf8"));
}

function emulatorDaemon(python: string): Daemon {
  const temporary = join(paths.aws, "temporary");
  mkdirSync(temporary, { recursive: true });
  return {
    name: emulatorName,
    command: python,
    args: [join(folder, "emulator.py")],
    env: {
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(ports.aws),
      PERSIST_STATE: "1",
      STATE_DIR: join(paths.aws, "state"),
      S3_PERSIST: "1",
      S3_DATA_DIR: join(paths.aws, "s3"),
      TMPDIR: temporary,
      LOG_LEVEL: "WARNING",
      SFTP_ENABLED: "0",
      IOT_MTLS_ENABLED: "0",
      // It would start containers for emulated clusters and registries; the sandbox has both already.
      DOCKER_HOST: `unix://${join(paths.aws, "no-docker.sock")}`,
      EMULATOR_CLUSTER_ENDPOINT: apiUrl,
      EMULATOR_CLUSTER_SERVICE_CIDR: network.services,
      EMULATOR_CLUSTER_CA: authorityFile("cluster"),
      EMULATOR_REGISTRY: registryHost,
      // The sources are in the user's working tree.
      PYTHONDONTWRITEBYTECODE: "1",
    },
    configuration: sources(),
    ready: emulatorAnswers,
    readyTimeout: 60,
  };
}

/** Whether the emulated AWS answers. */
export async function emulatorAnswers(): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${emulatorUrl}/_ministack/health`, { headersTimeout: 3000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/**
 * Makes sure that the emulated AWS runs; only stacks that live in AWS need it. It keeps what it holds until the platform
 * is removed. The caller holds the platform's lock.
 * @param progress told what the installation is at, which is made once.
 * @throws Error that says who has its port, why it cannot be installed, or how its log ends.
 */
export async function ensureEmulator(progress: (line: string) => void = () => {}): Promise<"running" | "started"> {
  const taken = portFaults([ports.aws]);
  if (taken.length > 0) throw new Error(`The emulated AWS cannot start: ${taken.join("; ")}.`);
  return ensureDaemon(emulatorDaemon(await ensurePythonPackages("aws-emulator", requirements, progress)));
}
