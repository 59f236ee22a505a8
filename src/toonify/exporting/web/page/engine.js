// The worker that draws, as promises; and the graphics card beside it, where it draws the same.

export class Cancelled extends Error {}

// One worker, or another in its place where it did not start, since a part of it did not come.
class Engine {
  constructor(page, backend) {
    this.given = { page, backend };
    this.waiting = new Map();
    this.last = 0;
    this.begin();
  }

  begin() {
    const options = { type: "module", name: this.given.backend };
    this.worker = new Worker(new URL("./drawing/worker.js", import.meta.url), options);
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => this.fail(event.message || "The drawing engine could not be started.");
    this.lost = false;
    this.do("start", this.given).catch(() => (this.lost = true));
  }

  // Resolves with a job's result. `tell` hears its progress; `signal` cancels it.
  do(job, given = {}, { transfer = [], tell = () => {}, signal } = {}) {
    if (this.lost) this.begin();
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new Cancelled());
      const cancel = () => {
        this.waiting.delete(id);
        this.worker.postMessage({ cancel: id });
        reject(new Cancelled());
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.waiting.set(id, { resolve, reject, tell });
      this.worker.postMessage({ id, job, ...given }, transfer);
    });
  }

  hear({ id, progress, problem, result }) {
    const job = this.waiting.get(id);
    if (!job) return; // cancelled meanwhile
    if (progress) return job.tell(progress);
    this.waiting.delete(id);
    if (problem) job.reject(Object.assign(new Error(problem.message), { name: problem.name }));
    else job.resolve(result);
  }

  fail(message) {
    for (const { reject } of this.waiting.values()) reject(new Error(message));
    this.waiting.clear();
  }

  stop() {
    this.worker.terminate();
    this.fail("stopped");
  }
}

const STEP = 1; // of 8-bit colour: as far as two right backends may be apart by rounding

// All engines there are: WebAssembly at once, WebGPU for the styles in which it has proved itself.
export class Engines {
  constructor(page) {
    this.page = page;
    this.wasm = new Engine(page, "wasm");
    this.proved = new Map(); // by style, whether WebGPU draws the same, and sooner
  }

  for(style) {
    return (this.proved.get(style) && this.webgpu) || this.wasm;
  }

  // Lets WebGPU draw what WebAssembly draws, once for each style, and takes it where that is equal and sooner.
  async prove(style) {
    if (this.proved.has(style) || !(await hasGpu())) return;
    this.proved.set(style, false);
    try {
      this.webgpu ??= new Engine(this.page, "webgpu");
      const [ours, theirs] = [await this.wasm.do("test", { style }), await this.webgpu.do("test", { style })];
      const equal = theirs.pixels.every((value, place) => Math.abs(value - ours.pixels[place]) <= STEP);
      this.proved.set(style, equal && theirs.milliseconds < ours.milliseconds);
    } catch {
      this.webgpu?.stop(); // a card that cannot is no reason to tell anybody
      this.webgpu = undefined;
    }
  }
}

async function hasGpu() {
  if (!navigator.gpu || navigator.connection?.saveData) return false;
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return Boolean(adapter && !adapter.info?.isFallbackAdapter);
}
