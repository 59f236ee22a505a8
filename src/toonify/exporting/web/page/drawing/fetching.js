// What is large, fetched: told while it comes, unpacked, and held to its hash.

const GZIP = [0x1f, 0x8b];

export class Unreachable extends Error {}

// `file` is an entry of page.json: path, bytes (as sent), sha256 (of what is in it).
export async function fetchFile(file, tell = () => {}) {
  // What a network that asks for a login gave in its place may have been kept: the second time nothing kept will do.
  for (const cache of ["default", "reload"]) {
    const data = await unpacked(await download(file, tell, cache));
    if (!globalThis.crypto?.subtle || (await sha256(data)) === file.sha256) return data;
  }
  throw new Unreachable(`${file.path} arrived damaged. Reload the page to fetch it again.`);
}

async function download(file, tell, cache) {
  const address = new URL(`../${file.path}?v=${file.sha256.slice(0, 16)}`, import.meta.url);
  let response;
  try {
    response = await fetch(address, { cache });
  } catch {
    throw new Unreachable("The network cannot be reached. Once the page has loaded in full, it works without one.");
  }
  if (!response.ok) throw new Unreachable(`${file.path} is missing from this page (${response.status}).`);
  const data = new Uint8Array(await new Response(counted(response.body, file.bytes, tell)).arrayBuffer());
  tell(1);
  return data;
}

function counted(stream, total, tell) {
  let come = 0;
  const count = (chunk, controller) => {
    come += chunk.byteLength;
    tell(Math.min(1, come / total));
    controller.enqueue(chunk);
  };
  return stream.pipeThrough(new TransformStream({ transform: count }));
}

// A server that knows the ending `.gz` may have had the browser unpack it already.
async function unpacked(data) {
  if (!GZIP.every((byte, place) => data[place] === byte)) return data;
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function sha256(data) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
