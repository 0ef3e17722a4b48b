import { type ChildProcess, spawn } from "node:child_process";
import { createHash, timingSafeEqual } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";

export interface GitServerOptions {
  /** Holds the repositories. */
  folder: string;
  /** Passwords or tokens by user. Nobody else may read or write. */
  users: Readonly<Record<string, string>>;
  /** @default "127.0.0.1"; another one, such as the node's, is reachable from pods */
  address?: string;
  /** @default - a free one */
  port?: number;
}

/** A branch that takes pushes from some users only, as GitHub's branch protection does. */
export interface ProtectedBranch {
  branch: string;
  /** Users who may push nevertheless, such as a GitHub App on the list of bypass actors. */
  bypass: readonly string[];
}

/**
 * A git server over HTTP: git's own `git http-backend` behind a small server, with basic authentication. No branch takes a push with
 * force.
 */
export class GitServer {
  private readonly options: GitServerOptions;
  private server: Server | undefined;
  private readonly running = new Set<ChildProcess>();
  private port: number;

  constructor(options: GitServerOptions) {
    this.options = options;
    this.port = options.port ?? 0;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, this.options.address ?? "127.0.0.1", resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Ends requests too. After another `start` it has the same address. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const child of this.running) child.kill();
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Address of a repository, such as `manifests` or `example/manifests`, without a login. */
  url(repository: string): string {
    return `http://${this.options.address ?? "127.0.0.1"}:${this.port}/${repository}.git`;
  }

  /** Folder of a repository. */
  path(repository: string): string {
    return join(this.options.folder, `${repository}.git`);
  }

  /** Creates an empty repository, unless there is one, and sets which branches are protected. */
  async createRepository(repository: string, protectedBranches: readonly ProtectedBranch[] = []): Promise<void> {
    const path = this.path(repository);
    if (!existsSync(join(path, "HEAD"))) {
      mkdirSync(path, { recursive: true });
      const git = (...args: string[]) => execa("git", args, { cwd: path, env: gitEnvironment(), extendEnv: false });
      await git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".");
      await git("config", "http.receivepack", "true");
      await git("config", "receive.denyNonFastForwards", "true");
      // Otherwise git tidies up after a push, in the background.
      await git("config", "receive.autogc", "false");
    }
    mkdirSync(join(path, "hooks"), { recursive: true });
    const hook = join(path, "hooks/update");
    writeFileSync(hook, updateHook(protectedBranches));
    chmodSync(hook, 0o755);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const user = this.userOf(request.headers.authorization);
    if (user === undefined) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("Who are you?\n");
      return;
    }
    const { pathname, search } = new URL(request.url ?? "/", "http://git");
    if (!/^(\/[\w.-]+){1,2}\.git\/[\w./-]+$/.test(pathname)) return void response.writeHead(404).end("Not found\n");
    const child = spawn("git", ["http-backend"], {
      env: { ...gitEnvironment(), ...this.requestVariables(request, user, pathname, search) },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.running.add(child);
    child.once("close", () => this.running.delete(child));
    child.once("error", () => response.destroy());
    response.once("close", () => child.kill());
    child.stdin.on("error", () => {});
    request.pipe(child.stdin);
    forward(child, response);
  }

  /** https://git-scm.com/docs/git-http-backend#_environment */
  private requestVariables(
    { method = "GET", headers, socket }: IncomingMessage,
    user: string,
    path: string,
    search: string,
  ) {
    const variables = {
      GIT_PROJECT_ROOT: this.options.folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: path,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: method,
      REMOTE_USER: user,
      REMOTE_ADDR: socket.remoteAddress,
      CONTENT_TYPE: headers["content-type"],
      CONTENT_LENGTH: headers["content-length"],
      HTTP_CONTENT_ENCODING: headers["content-encoding"],
      GIT_PROTOCOL: headers["git-protocol"]?.toString(),
    };
    return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
  }

  private userOf(authorization = ""): string | undefined {
    const [, encoded = ""] = /^Basic (\S+)$/i.exec(authorization) ?? [];
    const [, user = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
    const wanted = Object.hasOwn(this.options.users, user) ? this.options.users[user] : undefined;
    return wanted !== undefined && isSame(password, wanted) ? user : undefined;
  }
}

/** What git gets from this process: neither the config of the person who runs it nor the repository of a hook. */
function gitEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
}

function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}

/** Hands on what a CGI program writes: headers, an empty line, the body. */
function forward(child: ChildProcess, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const read = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    child.stdout?.off("data", read);
    const lines = head.subarray(0, end).toString().split("\r\n");
    const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
    const status = headers.find(([name]) => name.toLowerCase() === "status")?.[1] ?? "200";
    response.writeHead(
      Number.parseInt(status, 10),
      Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== "status")),
    );
    response.write(head.subarray(end + 4));
    child.stdout?.pipe(response);
  };
  child.stdout?.on("data", read);
  child.once("close", () => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
}

function updateHook(branches: readonly ProtectedBranch[]): string {
  const names = [...branches.map(({ branch }) => branch), ...branches.flatMap(({ bypass }) => bypass)];
  const odd = names.find((name) => !/^[\w./[\]-]+$/.test(name));
  if (odd !== undefined) throw new Error(`"${odd}" cannot be in a hook`);
  const rules = branches.map(({ branch, bypass }) => {
    const users = bypass.map((user) => `'${user}'`).join("|");
    return `'refs/heads/${branch}')\n  case "$REMOTE_USER" in ${users === "" ? "" : `${users}) ;; `}*) refuse '${branch}';; esac;;`;
  });
  return `#!/bin/sh
refuse() {
  echo "error: GH006: Protected branch update failed for refs/heads/$1." >&2
  echo "error: Changes must be made through a pull request." >&2
  exit 1
}
case "$1" in
${rules.join("\n")}
esac
`;
}
