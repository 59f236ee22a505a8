// Styles' networks in ONNX Runtime Web: WebAssembly, or a graphics card by WebGPU. And the one that finds faces.

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
    const [ort, session] = await this.session(style.network, this.backend);
    return (input, height, width, controls) => run(ort, session, style, input, height, width, controls);
  }

  // The detector of faces, as `findFaces` takes it. It is too small for a graphics card to be sooner.
  async openDetector() {
    const [ort, session] = await this.session(this.page.faces.network, "wasm");
    return (input, height, width) => detect(ort, session, input, height, width);
  }

  async session(file, backend) {
    this.runtime ??= this.start().catch((problem) => {
      this.runtime = undefined;
      throw problem;
    });
    if (!this.sessions.has(file.path)) this.sessions.set(file.path, this.load(file, backend));
    try {
      return await Promise.all([this.runtime, this.sessions.get(file.path)]);
    } catch (problem) {
      this.sessions.delete(file.path); // the next try may find the network again
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

  async load(file, backend) {
    const [ort, model] = await Promise.all([this.runtime, fetchFile(file)]);
    return ort.InferenceSession.create(model, {
      executionProviders: [backend],
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

async function detect(ort, session, input, height, width) {
  const found = await session.run({ input: new ort.Tensor("float32", input, [1, 3, height, width]) });
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, tensor.data]));
}
