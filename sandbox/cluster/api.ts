import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { apiUrl } from "../paths.ts";
import { authorityFile, certificateFile, keyFile } from "./certificates.ts";

let agent: Agent | undefined;

function admin(): Agent {
  agent ??= new Agent({
    connect: {
      ca: readFileSync(authorityFile("cluster")),
      cert: readFileSync(certificateFile("admin")),
      key: readFileSync(keyFile("admin")),
    },
    connectTimeout: 2000,
    headersTimeout: 5000,
    // An idle connection must not keep a finished command alive.
    keepAliveTimeout: 100,
  });
  return agent;
}

/** An object of the API as the administrator sees it. @throws Error with the API's answer when it is not 200. */
export async function readObject<T>(path: string): Promise<T> {
  const { statusCode, body } = await request(`${apiUrl}${path}`, { dispatcher: admin() });
  if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode} ${await body.text()}`);
  return (await body.json()) as T;
}
