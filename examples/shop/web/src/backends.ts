import http from "node:http";
import type { Identity } from "./identity.ts";

export interface Product {
  id: string;
  name: string;
  /** Price in cents. */
  price: number;
}

export interface Order {
  id: string;
  product: string;
  status: string;
}

export type Catalogue = Identity & { products: Product[] };
export type Orders = Identity & { waiting: number; orders: Order[] };
export type PlacedOrder = Identity & { order: Order };

/** What a backend answered, or why there is no answer. */
export type Answer<T> = { ok: true; value: T } | { ok: false; reason: string };

const API_URL = process.env.API_URL ?? "http://api";
const ORDERS_URL = process.env.ORDERS_URL ?? "http://orders";
const READ_TIMEOUT_MS = 2_000;
const ORDER_TIMEOUT_MS = 5_000;

// A kept-alive connection stays with one pod, even after that pod has left the Service. Keeping few idle connections,
// and only briefly, lets traffic move to new pods.
const keptAlive = new http.Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 20_000 });

export const readCatalogue = () => read<Catalogue>(`${API_URL}/products`);
export const readOrders = () => read<Orders>(`${ORDERS_URL}/orders`);

/** Places an order on a new connection. A POST must not be repeated, so it must not use a connection that is being closed. */
export async function placeOrder(product: string): Promise<Answer<PlacedOrder>> {
  const options = { method: "POST", agent: false as const, headers: { "content-type": "application/json" } };
  return answer(() =>
    send<PlacedOrder>(`${ORDERS_URL}/orders`, options, ORDER_TIMEOUT_MS, JSON.stringify({ product })),
  );
}

function read<T>(url: string): Promise<Answer<T>> {
  return answer(async () => {
    try {
      return await send<T>(url, { agent: keptAlive }, READ_TIMEOUT_MS);
    } catch (error) {
      // The backend closed an idle connection just as it was reused. There was no answer, and a read may be repeated.
      if (!(error instanceof ClosedWhenReused)) throw error;
      return await send<T>(url, { agent: false }, READ_TIMEOUT_MS);
    }
  });
}

class ClosedWhenReused extends Error {}

async function answer<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function send<T>(url: string, options: http.RequestOptions, timeoutMs: number, body?: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(new Error(`${url} gave no answer within ${timeoutMs} ms`));
      else if (request.reusedSocket && error.code === "ECONNRESET") reject(new ClosedWhenReused(error.message));
      else reject(new Error(`${url} could not be reached: ${error.code ?? error.message}`));
    };
    const request = http.request(url, { ...options, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("error", fail);
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status < 200 || status > 299) return reject(new Error(`${url} answered ${status}`));
        try {
          resolve(JSON.parse(text) as T);
        } catch {
          reject(new Error(`${url} answered something that is not JSON`));
        }
      });
    });
    request.on("error", fail);
    request.end(body);
  });
}
