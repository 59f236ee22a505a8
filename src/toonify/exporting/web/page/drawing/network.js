// Styles' networks in ONNX Runtime Web: WebAssembly, or a graphics card by WebGPU.

import { fetchFile } from "./fetching.js";

const MOST_THREADS = 8; // more only wait for each other on networks of this size

export class Networks {
  // `page` is page.json, `backend` "wasm" or "webgpu"; `tell(share)` hears how much of a download has come.
  constructor(page, backend, tell) {
    this.page = page;
    this.backend = backend;
    this.tell = tell;
    this.sessions = new Map();
  }

  // A function on float32 RGB in [-1, 1], (height × width × 3), with the style's controls.
  async open(style) {
    this.runtime ??= this.start();
    if (!this.sessions.has(style.name)) this.sessions.set(style.name, this.load(style));
    try {
      const [ort, session] = await Promise.all([this.runtime, this.sessions.get(style.name)]);
      return (input, height, width, controls) => run(ort, session, style, input, height, width, controls);
    } catch (problem) {
      this.sessions.delete(style.name); // the next try may find the network again
      throw problem;
    }
  }

  async start() {
    const files = this.page.runtime[this.backend];
    const [ort, binary] = await Promise.all([
      import(new URL(`../${files.script.path}`, import.meta.url)),
      fetchFile(files.binary, this.tell),
    ]);
    ort.env.logLevel = "error";
    ort.env.wasm.wasmBinary = binary.buffer;
    ort.env.wasm.numThreads = self.crossOriginIsolated
      ? Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS)
      : 1;
    return ort;
  }

  async load(style) {
    const [ort, model] = await Promise.all([this.runtime, fetchFile(style.network)]);
    return ort.InferenceSession.create(model, {
      executionProviders: [this.backend],
      graphOptimizationLevel: "all",
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: "0" } } }, // waiting threads leave the cores to others
    });
  }
}

async function run(ort, session, style, input, height, width, controls) {
  const feeds = { picture: new ort.Tensor("float32", input, [1, height, width, 3]) };
  for (const [name, control] of Object.entries(style.controls)) {
    const values = new Float32Array(control.shape.reduce((a, b) => a * b, 1)).fill(controls[name] ?? control.default);
    feeds[name] = new ort.Tensor("float32", values, control.shape);
  }
  const results = await session.run(feeds);
  const cartoon = results[session.outputNames[0]];
  const values = await cartoon.getData();
  cartoon.dispose();
  return values;
}
