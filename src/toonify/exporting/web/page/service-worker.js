// Keeps what was fetched, and answers from it when there is no network. What has its hash in the address
// (`?v=`) never changes and is not fetched twice, unless it arrived damaged. Answers carry the headers that let WebAssembly use threads,
// which a static host may not send.

const KEPT = `toonify ${registration.scope}`; // another page of the same host keeps its own
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (event) => {
  if (event.data.keep) event.waitUntil(keep(event.data.keep));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  event.respondWith((address.searchParams.has("v") ? keptFirst(request) : newestFirst(request)).then(isolated));
});

async function keptFirst(request) {
  const kept = await caches.open(KEPT);
  const found = request.cache === "reload" ? undefined : await kept.match(request);
  return found ?? fetched(kept, request);
}

async function newestFirst(request) {
  const kept = await caches.open(KEPT);
  try {
    return await fetched(kept, request);
  } catch (problem) {
    const found = await kept.match(request, { ignoreSearch: request.mode === "navigate" });
    if (found) return found;
    throw problem;
  }
}

async function fetched(kept, request) {
  const response = await fetch(request);
  if (response.status === 200) await kept.put(request, response.clone()).catch(() => {}); // without room, it is not kept
  return response;
}

function isolated(response) {
  if (!response.status) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATED)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

// Fetches what is not there yet, and lets go of large files that the page no longer names.
async function keep({ small, large, spare }) {
  const kept = await caches.open(KEPT);
  const wanted = new Set([...large, spare].map((path) => new URL(path, registration.scope).href));
  for (const request of await kept.keys()) {
    if (new URL(request.url).searchParams.has("v") && !wanted.has(request.url)) await kept.delete(request);
  }
  for (const path of [...small, ...large]) {
    const address = new URL(path, registration.scope).href;
    if (!(await kept.match(address))) await kept.add(address).catch(() => {});
  }
  for (const client of await clients.matchAll()) client.postMessage({ kept: true });
}
