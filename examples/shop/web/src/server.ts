import http from "node:http";
import { placeOrder, readCatalogue, readOrders } from "./backends.ts";
import { self } from "./identity.ts";
import { type PageState, renderPage } from "./page.ts";

const PORT = Number(process.env.PORT ?? 8080);
const DRAIN_SECONDS = Number(process.env.DRAIN_SECONDS ?? 10);
/** While draining, a connection that is silent for this long counts as unused. */
const SILENT_MS = 500;
const MAX_FORM_BYTES = 1_024;

let draining = false;
let inFlight = 0;

const server = http.createServer((request, response) => {
  inFlight++;
  response.on("close", () => inFlight--);
  handle(request, response).catch((error: unknown) => {
    console.error(`web: ${request.method} ${request.url} failed:`, error);
    if (response.headersSent) response.destroy();
    else reply(response, 500, "text/plain", "internal error\n");
  });
});
// Longer than the ingress keeps idle connections (Traefik 90 s, an AWS ALB 60 s). Node's default of 5 s closes
// connections that the ingress is about to reuse, which users see as an occasional 502.
server.keepAliveTimeout = 120_000;
server.headersTimeout = 125_000;

async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://web");
  const route = `${request.method === "HEAD" ? "GET" : request.method} ${pathname}`;
  if (route === "GET /api/version") return reply(response, 200, "application/json", JSON.stringify(self));
  if (route === "GET /healthz") return reply(response, 200, "text/plain", "ok\n");
  if (route === "GET /") return replyPage(response, 200);
  if (route === "POST /order") return order(request, response);
  reply(response, 404, "text/plain", "not found\n");
}

async function order(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const product = new URLSearchParams(await readForm(request)).get("product");
  if (!product)
    return reply(response, 400, "text/plain", "field product: missing or too long; send the id of a product\n");
  const placed = await placeOrder(product);
  if (!placed.ok) return replyPage(response, 502, { tone: "bad", text: `Your order was not placed. ${placed.reason}` });
  const text = `Order ${placed.value.order.id} placed with ${placed.value.pod}. Thank you!`;
  return replyPage(response, 201, { tone: "good", text });
}

async function replyPage(response: http.ServerResponse, status: number, notice?: PageState["notice"]): Promise<void> {
  const [catalogue, orders] = await Promise.all([readCatalogue(), readOrders()]);
  reply(response, status, "text/html; charset=utf-8", renderPage({ catalogue, orders, notice }));
}

/** The form's text. Empty if it is longer than any form of the page. */
async function readForm(request: http.IncomingMessage): Promise<string> {
  let form = "";
  for await (const chunk of request.setEncoding("utf8")) {
    if (form.length + chunk.length > MAX_FORM_BYTES) return "";
    form += chunk;
  }
  return form;
}

function reply(response: http.ServerResponse, status: number, type: string, body: string): void {
  // Makes a client with a kept-alive connection open its next one to another pod. Set here, not on arrival, to include
  // requests that were already open when draining began.
  if (draining) response.setHeader("connection", "close");
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}

/**
 * Exits without losing a request. The preStop sleep runs before SIGTERM, so the pod has already left the Service and only
 * finishes open requests. close() closes idle connections and waits for the others.
 */
function drain(signal: NodeJS.Signals): void {
  if (draining) return;
  draining = true;
  console.log(`web: ${signal}, draining`);
  server.close(() => {
    console.log("web: drained");
    process.exit(0);
  });
  // close() also waits for connections that never sent a request. Ingresses open such connections in reserve.
  let busyAt = Date.now();
  setInterval(() => {
    if (inFlight > 0) busyAt = Date.now();
    server.closeIdleConnections();
    if (Date.now() - busyAt >= SILENT_MS) server.closeAllConnections();
  }, 50);
  setTimeout(() => {
    console.error(`web: ${inFlight} requests still open after ${DRAIN_SECONDS} s, exiting anyway`);
    process.exit(1);
  }, DRAIN_SECONDS * 1_000);
}

process.on("SIGTERM", drain);
process.on("SIGINT", drain);
server.listen(PORT, () => console.log(`web: release ${self.release} listening on port ${PORT}`));
