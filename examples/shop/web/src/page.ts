import type { Answer, Catalogue, Orders, Product } from "./backends.ts";
import { type Identity, self } from "./identity.ts";

export interface PageState {
  catalogue: Answer<Catalogue>;
  orders: Answer<Orders>;
  /** Shown above the products, for example after an order. */
  notice?: { tone: "good" | "bad"; text: string };
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#0b6e4f}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem;font:16px/1.5 system-ui,sans-serif}
h1{margin:0 0 .25rem}h2{margin:2rem 0 .75rem;font-size:1.1rem}.lead{margin:0 0 1.5rem;opacity:.75}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr))}
.card{border:1px solid var(--line);border-radius:.6rem;padding:1rem}.card h3{margin:0}
.price{margin:.25rem 0 1rem;font-variant-numeric:tabular-nums}
button{border:0;border-radius:.4rem;padding:.5rem 1rem;background:var(--accent);color:#fff;font:inherit;cursor:pointer}
button:focus-visible{outline:3px solid #f5a623;outline-offset:2px}
.notice{border-left:4px solid var(--accent);background:var(--soft);padding:.6rem 1rem;margin:0 0 1rem}
.notice.bad{border-color:#c0392b}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
td.unavailable{color:#c0392b;white-space:normal}code{font-size:.9em}`;

/** The shop's one page. If a backend is down, its part of the page shows that and the rest still works. */
export function renderPage({ catalogue, orders, notice }: PageState): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Slipway shop</title><style>${STYLE}</style></head><body><main>
<h1>Slipway shop</h1><p class="lead">Everything for a launch.</p>
${notice ? renderNotice(notice.tone, notice.text) : ""}
<h2>Products</h2>
${catalogue.ok ? `<div class="grid">${catalogue.value.products.map(renderProduct).join("")}</div>` : unavailable("products", catalogue.reason)}
<h2>Latest orders</h2>
${orders.ok ? renderOrders(orders.value) : unavailable("orders", orders.reason)}
<h2>Who answered</h2>
<div class="scroll"><table><thead><tr><th>Service</th><th>Release</th><th>Pod</th><th>Node</th></tr></thead><tbody>
${renderIdentity(self)}${renderBackend("api", catalogue)}${renderBackend("orders", orders)}
</tbody></table></div>
</main></body></html>
`;
}

function renderProduct({ id, name, price }: Product): string {
  return `<article class="card"><h3>${escapeHtml(name)}</h3><p class="price">€ ${(price / 100).toFixed(2)}</p>
<form method="post" action="/order"><button name="product" value="${escapeHtml(id)}" aria-label="Order ${escapeHtml(name)}">Order</button></form></article>`;
}

function renderOrders({ orders, waiting }: Orders): string {
  if (orders.length === 0) return "<p>No orders yet.</p>";
  const rows = orders.map(
    ({ id, product, status }) =>
      `<tr><td><code>${escapeHtml(id)}</code></td><td>${escapeHtml(product)}</td><td>${escapeHtml(status)}</td></tr>`,
  );
  return `<p>${waiting} waiting to be packed.</p><div class="scroll"><table>
<thead><tr><th>Order</th><th>Product</th><th>Status</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function renderBackend(name: string, answer: Answer<Identity>): string {
  if (answer.ok) return renderIdentity(answer.value);
  return `<tr><td>${name}</td><td class="unavailable" colspan="3">unavailable: ${escapeHtml(answer.reason)}</td></tr>`;
}

function renderIdentity({ service, release, pod, node }: Identity): string {
  return `<tr><td>${escapeHtml(service)}</td><td><code>${escapeHtml(release)}</code></td><td>${escapeHtml(pod)}</td><td>${escapeHtml(node)}</td></tr>`;
}

const unavailable = (what: string, reason: string) =>
  renderNotice("bad", `The ${what} are unavailable at the moment. ${reason}`);

const renderNotice = (tone: "good" | "bad", text: string) =>
  `<p class="notice ${tone}" role="status">${escapeHtml(text)}</p>`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
