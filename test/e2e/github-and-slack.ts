import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SentBody } from "./published-schemas.ts";

interface PullRequest {
  number: number;
  title: string;
  merge_commit_sha: string | null;
  merged_at: string | null;
  /** Commits of a rebased one. */
  commits?: string[];
  labels?: { name: string }[];
  user?: { login: string; type: string };
}

interface Proposal {
  number: number;
  title: string;
  body: string;
  head: string;
  base: string;
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = await textOf(request);
  return text === "" ? undefined : JSON.parse(text);
}

/** A local server that can be stopped and started again at the same address. */
class LocalServer {
  private server: Server | undefined;
  private port = 0;

  private readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  private readonly address: string;

  /** @param address the node's is reachable from pods */
  constructor(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>, address = "127.0.0.1") {
    this.answer = answer;
    this.address = address;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.port, this.address, resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async cut(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server ? this.server.close(resolve) : resolve(undefined)));
  }

  get url(): string {
    return `http://${this.address}:${this.port}`;
  }
}

/** The parts of GitHub's API that the commands use, for one repository of `example`. */
export class FakeGitHub {
  readonly sent: SentBody[] = [];
  readonly comments: { id: number; issue: number; body: string; user: { login: string; type: string } }[] = [];
  /** Requests without the token, or for what is not served here. */
  readonly unexpected: string[] = [];
  readonly pullRequests: PullRequest[] = [];
  /** Pull requests that the commands opened. */
  readonly proposals: Proposal[] = [];
  readonly server = new LocalServer((request, response) => this.answer(request, response));

  private readonly token: string;
  private readonly repository: string;

  constructor(token: string, repository = "example/shop") {
    this.token = token;
    this.repository = repository;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = "", headers } = request;
    const body = await bodyOf(request);
    const path = url.split("?")[0]?.replace(`/repos/${this.repository}`, "") ?? "";
    if (headers.authorization !== `token ${this.token}`) this.unexpected.push(`${method} ${url} without the token`);
    const of = (pattern: RegExp) => pattern.exec(`${method} ${path}`)?.slice(1).map(String);
    const commit = of(/^GET \/commits\/([0-9a-f]{40})\/pulls$/);
    if (commit)
      return json(
        response,
        200,
        this.pullRequests
          .filter((known) => [known.merge_commit_sha, ...(known.commits ?? [])].includes(commit[0] ?? ""))
          .map(whole),
      );
    if (`${method} ${path}` === "GET /pulls") {
      const { head, base } = Object.fromEntries(new URL(url, "http://x").searchParams);
      const open = this.proposals
        .filter((known) => (head === undefined || `example:${known.head}` === head) && known.base === base)
        .map((known) => ({ ...whole(known), head: { ref: known.head } }));
      return json(response, 200, open);
    }
    const proposal = of(/^(POST|PATCH) \/pulls(?:\/(\d+))?$/);
    if (proposal) {
      this.sent.push({ type: proposal[0] === "POST" ? "open pull request" : "update pull request", body });
      const known = this.proposals.find(({ number }) => number === Number(proposal[1]));
      const proposed = { ...(known ?? { number: this.proposals.length + 1 }), ...(body as Omit<Proposal, "number">) };
      if (known) Object.assign(known, proposed);
      else this.proposals.push(proposed);
      return json(response, known ? 200 : 201, whole(proposed));
    }
    const pull = of(/^GET \/pulls\/(\d+)$/);
    if (pull) return json(response, 200, whole(this.pullRequests.find(({ number }) => number === Number(pull[0]))));
    const jobs = of(/^GET \/actions\/runs\/(\d+)\/jobs$/);
    if (jobs) return json(response, 200, { total_count: 2, jobs: JOBS });
    // As it answers the token of a job.
    if (of(/^GET \/user$/)) return json(response, 403, { message: "Resource not accessible by integration" });
    if (of(/^POST \/graphql$/)) return json(response, 200, { data: { viewer: { login: US.login } } });
    const comments = of(/^(GET|POST) \/issues\/(\d+)\/comments$/);
    if (comments?.[0] === "GET")
      return json(
        response,
        200,
        this.comments.filter(({ issue }) => issue === Number(comments[1])),
      );
    if (comments) {
      this.sent.push({ type: "create comment", body });
      const comment = {
        id: this.comments.length + 1,
        issue: Number(comments[1]),
        body: (body as { body: string }).body,
        user: US,
      };
      this.comments.push(comment);
      return json(response, 201, comment);
    }
    const comment = of(/^PATCH \/issues\/comments\/(\d+)$/);
    const known = comment && this.comments.find(({ id }) => id === Number(comment[0]));
    if (known) {
      this.sent.push({ type: "update comment", body });
      known.body = (body as { body: string }).body;
      return json(response, 200, known);
    }
    this.unexpected.push(`${method} ${url}`);
    json(response, 404, { message: "Not Found" });
  }
}

/** Who writes with the token. */
const US = { login: "github-actions[bot]", type: "Bot" };

const JOBS = [
  {
    name: "version",
    status: "completed",
    conclusion: "success",
    started_at: "2026-01-31T12:00:00Z",
    completed_at: "2026-01-31T12:00:09Z",
  },
  {
    name: "dev / deploy",
    status: "in_progress",
    conclusion: null,
    started_at: "2026-01-31T12:00:10Z",
    completed_at: null,
  },
];

function whole(pullRequest: PullRequest | Proposal | undefined) {
  return {
    ...pullRequest,
    html_url: `https://github.com/example/shop/pull/${pullRequest?.number}`,
    merged_by: { login: "grace", html_url: "https://github.com/grace" },
  };
}

/** An incoming webhook of Slack. */
export class FakeSlack {
  readonly sent: SentBody[] = [];
  readonly server: LocalServer;

  private readonly path: string;

  constructor(path: string, address?: string) {
    this.path = path;
    this.server = new LocalServer((request, response) => this.answer(request, response), address);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (request.url !== this.path) return void response.writeHead(404).end("no_service");
    this.sent.push({ type: "webhook message", body });
    response.end("ok");
  }

  get url(): string {
    return `${this.server.url}${this.path}`;
  }

  /** The last message as text. */
  get last(): string {
    return JSON.stringify(this.sent.at(-1)?.body ?? "");
  }
}

/** The part of Slack's API by which a bot writes: https://docs.slack.dev/reference/methods/chat.postMessage */
export class FakeSlackApi {
  /** Fields of each message, without the token. */
  readonly posted: Record<string, string>[] = [];
  /** Requests without the token, or for what is not served here. */
  readonly unexpected: string[] = [];
  readonly server: LocalServer;

  private readonly token: string;

  constructor(token: string, address?: string) {
    this.token = token;
    this.server = new LocalServer((request, response) => this.answer(request, response), address);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token, ...fields } = Object.fromEntries(new URLSearchParams(await textOf(request)));
    const given = token ?? request.headers.authorization?.replace(/^Bearer /, "");
    if (request.url !== "/api/chat.postMessage" || given !== this.token) {
      this.unexpected.push(`${request.method} ${request.url}`);
      return json(response, 200, { ok: false, error: "invalid_auth" });
    }
    this.posted.push(fields);
    json(response, 200, { ok: true, channel: "C1", ts: `${this.posted.length}.0` });
  }
}
