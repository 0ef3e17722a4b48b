import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { nodes } from "../../sandbox/paths.ts";

/** An empty repository of a local git server that asks for a name and a password: git's own http-backend behind HTTP. */
export class GitServer {
  readonly username = "reader";
  readonly password = "p4ss word";
  private readonly folder = mkdtempSync(join(tmpdir(), "slipway-git-"));
  private readonly server = http.createServer((request, response) => this.answer(request, response));
  private port = 0;

  /** The repository's URL without a name and a password. Pods reach it too. */
  get url(): string {
    return `http://${nodes[0]?.address}:${this.port}/manifests.git`;
  }

  /** Where it is on this machine. Who pushes here needs no server. */
  get path(): string {
    return join(this.folder, "manifests.git");
  }

  /** Also again after `stop`, at the same URL. */
  async start(): Promise<void> {
    if (this.port === 0) await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", this.path]);
    await new Promise<void>((resolve) => this.server.listen(this.port, "0.0.0.0", resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const credentials = Buffer.from(`${this.username}:${this.password}`).toString("base64");
    if (request.headers.authorization !== `Basic ${credentials}`) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    const { pathname, search } = new URL(request.url ?? "/", this.url);
    // https://git-scm.com/docs/git-http-backend#_environment
    const backend = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_PROTOCOL: request.headers["git-protocol"]?.toString() ?? "",
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        REMOTE_USER: this.username,
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    request.pipe(backend.stdin);
    const output: Buffer[] = [];
    backend.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    backend.on("close", () => {
      const all = Buffer.concat(output);
      const end = all.indexOf("\r\n\r\n");
      const fields = all
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(": ", 2) as [string, string]);
      const { Status = "200", ...headers } = Object.fromEntries(fields);
      response.writeHead(Number.parseInt(Status, 10), headers).end(all.subarray(end + 4));
    });
  }
}
