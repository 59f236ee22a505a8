// Keeps the page for times without a network: a service worker, told what belongs to it.

export async function keepOffline(page) {
  if (!navigator.serviceWorker) return; // not over plain http, but on the loopback
  try {
    await navigator.serviceWorker.register("service-worker.js");
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: addresses(page) });
  } catch {
    // private windows may refuse; the page works all the same
  }
}

// All but what only a graphics card needs, which is kept when it is first fetched.
function addresses(page) {
  const large = [page.runtime.wasm.binary, ...page.styles.map((style) => style.network)];
  if (page.faces) large.push(page.faces.network);
  return { small: ["./", ...page.shell], large: large.map(address), spare: address(page.runtime.webgpu.binary) };
}

const address = (file) => `${file.path}?v=${file.sha256.slice(0, 16)}`;
