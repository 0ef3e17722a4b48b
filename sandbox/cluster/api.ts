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

/** Changes an object as the administrator. A patch is a JSON merge patch. @throws Error with the API's answer when it refuses. */
export async function sendObject(method: "POST" | "PATCH" | "DELETE", path: string, object?: object): Promise<void> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const { statusCode, body } = await request(`${apiUrl}${path}`, {
    method,
    dispatcher: admin(),
    headers: { "content-type": type },
    ...(object && { body: JSON.stringify(object) }),
  });
  const answer = await body.text();
  if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${answer}`);
}
