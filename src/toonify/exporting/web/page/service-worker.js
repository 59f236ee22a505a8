// Keeps the page, and answers from what it keeps when there is no network. What has its hash in the address (`?v=`)
// never changes and is not fetched twice, unless it arrived damaged. Answers carry the headers that let WebAssembly use
// threads, which a static host may not send. Pages that are not kept are left alone; and all goes once another page is
// in this one's place, as on a port of this machine where one thing is served after the other.

const KEPT = `toonify ${registration.scope}`; // another page of the same host keeps its own
const ENGINE = new URL("runtime/", registration.scope).href;
const MARK = /<meta name="?generator"? content="?toonify/; // of the page, also where a host has made it smaller
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
  if (request.method === "GET" && request.url.startsWith(registration.scope)) event.respondWith(answer(request));
});

async function answer(request) {
  const found = await caches.match(request, { cacheName: KEPT, ignoreSearch: request.mode === "navigate" });
  if (isLarge(request)) return isolated(found && request.cache !== "reload" ? found : await fetched(request));
  if (found) return newest(request, found);
  if (request.url.startsWith(ENGINE)) return isolated(await fetched(request)); // what only a graphics card needs
  const response = await fetch(request);
  return request.mode === "navigate" ? response : isolated(response); // a part of the page that was not kept
}

// Networks and the like, which have their hash in the address.
function isLarge({ url }) {
  const { pathname, searchParams } = new URL(url);
  return pathname.endsWith(".gz") && searchParams.has("v");
}

// What there is now, or else what was found among what is kept.
async function newest(request, found) {
  const response = await fetch(request).catch(() => undefined);
  if (!response) return isolated(found);
  if (request.mode !== "navigate") return isolated(await stored(request, response));
  if (response.ok && !(await isOurs(response.clone()))) {
    await Promise.all([registration.unregister(), caches.delete(KEPT)]);
    return response;
  }
  return isolated(await stored(request.url.split("?")[0], response));
}

async function isOurs(response) {
  return !response.headers.get("Content-Type")?.startsWith("text/html") || MARK.test(await response.text());
}

const fetched = async (request) => stored(request, await fetch(request));

async function stored(place, response) {
  const put = async (copy) => (await caches.open(KEPT)).put(place, copy);
  if (response.status === 200) await put(response.clone()).catch(() => {}); // without room, it is not kept
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
