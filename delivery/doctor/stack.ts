import { parse } from "yaml";
import { isEks } from "../../config/environment.ts";
import { stackFileOf } from "../../config/naming.ts";
import { readRunningServices } from "../cluster.ts";
import { readLocks } from "../engine/locks.ts";
import { readOutputs } from "../engine/run.ts";
import { readEnvironment, type StackEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { buildsImages, findImages } from "../images.ts";
import { readStackFile } from "../stack-file.ts";
import { check, type Finding } from "./check.ts";
import { versionOf } from "./machine.ts";

/**
 * Checks what the commands need for one stack: its config, its state, the registry and the cluster.
 *
 * @param hasEngine whether there is an engine that can be asked for the state
 */
export async function checkStack(root: string, stack: string, hasEngine: boolean): Promise<Finding[]> {
  let environment: StackEnvironment | undefined;
  const config = await check({
    name: "config",
    find: async () => {
      environment = readEnvironment(root, stack, readStackFile(root, stack));
      return stackFileOf(stack);
    },
    fix: `fix what is listed, then: npm run slipway -- status --stack ${stack}`,
  });
  // Everything else is where the config says.
  if (environment === undefined) return [config];
  const checks = [...(hasEngine ? checkState(environment, root) : []), ...checkEnvironment(environment)];
  return [config, ...(await Promise.all(checks))];
}

function checkState({ stack }: StackEnvironment, root: string): Promise<Finding>[] {
  return [
    check({
      name: "passphrase",
      find: async () => {
        if (parse(readStackFile(root, stack)).encryptionsalt === undefined) return "not needed";
        const { PULUMI_CONFIG_PASSPHRASE: phrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
        if (phrase === undefined && file === undefined) throw new Failure("PULUMI_CONFIG_PASSPHRASE is not set");
        return "set";
      },
      fix: "export PULUMI_CONFIG_PASSPHRASE=<phrase>",
    }),
    check({
      name: "state",
      find: async () => {
        const { services: deployed = {} } = await readOutputs(root, stack);
        return `${Object.keys(deployed).length} services deployed`;
      },
      fix: `pulumi login <URL of the state>; for a new stack: pulumi stack init ${stack}`,
    }),
    check({
      name: "lock",
      find: async () => {
        const locks = await readLocks(root, stack);
        const [lock] = locks ?? [];
        if (lock) throw new Failure(`held by ${lock.user}@${lock.host} (pid ${lock.pid}) since ${lock.at}`);
        return locks ? "free" : "not shown by this backend";
      },
      fix: `wait for that update to end; if it was killed: npm run slipway -- unlock --stack ${stack}`,
    }),
  ];
}

function checkEnvironment(environment: StackEnvironment): Promise<Finding>[] {
  const { config, services } = environment;
  const signIn = isEks(config) ? "aws sso login, or set AWS_PROFILE" : undefined;
  return [
    check({
      name: "registry",
      find: async () => {
        const images = await findImages(environment, services);
        const missing = images.filter(({ digest }) => digest === undefined);
        if (missing.length > 0 && !buildsImages(environment)) {
          throw new Failure(`it does not have ${missing.map(({ tag }) => tag).join(", ")}`);
        }
        return `${images.length - missing.length} of ${images.length} images exist`;
      },
      fix: signIn ?? "docker login <registry>; check the network: docs/runbooks/registry-down.md",
    }),
    ...(buildsImages(environment)
      ? [
          check({
            name: "docker",
            find: () => versionOf("docker", ["version", "--format", "{{.Server.Version}}"]),
            fix: "start Docker, or install it: https://docs.docker.com/get-docker/. Only builds need it",
            optional: true,
          }),
        ]
      : []),
    check({
      name: "cluster",
      find: async () => {
        const running = await readRunningServices(environment);
        return `${Object.keys(running).length} services run in namespace ${config.namespace}`;
      },
      fix:
        signIn ?? "kubectl config get-contexts, then point KUBECONFIG at the file with the context of cluster.context",
    }),
    ...["GITHUB_TOKEN", "SLACK_WEBHOOK_URL"].map((name) =>
      check({
        name,
        find: async () => {
          if (!process.env[name]) throw new Failure("not set");
          return "set";
        },
        fix: name === "GITHUB_TOKEN" ? "export GITHUB_TOKEN=$(gh auth token)" : `export ${name}=<URL of the webhook>`,
        optional: true,
      }),
    ),
  ];
}
