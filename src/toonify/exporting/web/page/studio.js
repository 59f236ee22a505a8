// What is being worked on: one picture, one style, and what was chosen for it. Draws anew when that changes.
// Events: `busy` { step, share }, `drawn` { bitmap, … }, `problem` { message }, `idle`.

import { Cancelled, Engines } from "./engine.js";
import { previewSize } from "./pictures.js";

const SUFFIX = { "image/jpeg": ".jpg", "image/png": ".png" };

export class Studio extends EventTarget {
  constructor(page) {
    super();
    this.engines = new Engines(page);
    this.style = page.styles[0];
    this.chosen = new Map(page.styles.map((style) => [style, defaults(style)]));
    this.strength = 1;
    this.everyPixel = false;
  }

  get controls() {
    return this.chosen.get(this.style);
  }

  // Whether the style draws the picture smaller than it is, unless asked for every pixel.
  get reduces() {
    const { picture, style } = this;
    return Boolean(picture && style.detail && picture.width * picture.height > style.detail ** 2);
  }

  // At which the style draws the picture. Every pixel is asked for of large ones: small ones stay enlarged.
  get detail() {
    return this.everyPixel && this.reduces ? 0 : this.style.detail;
  }

  // What would be drawn now; an engine's drawing is finished only if it is still of this.
  get recipe() {
    return JSON.stringify([this.style.network.path, this.controls, this.detail]);
  }

  // Loads the network of the style before a picture is there. Only who waits for a drawing is told how far it is.
  warm() {
    const tell = (progress) => {
      if (this.job && !this.job.signal.aborted) this.tell("busy", progress);
    };
    return this.engines.wasm.do("warm", { style: this.style }, { tell }).catch((problem) => this.complain(problem));
  }

  // A picture as `openPicture` gives it. Until it is drawn, the caller may show something drawn before.
  take(picture) {
    this.stop();
    const { width, height } = picture.bitmap;
    this.picture = { ...picture, width, height };
    this.held = new Map(); // which engine holds the picture, and what it has drawn of it
  }

  stop() {
    this.job?.abort();
    this.tell("idle");
  }

  // Draws, unless it was asked to draw something else meanwhile. Whether it did.
  async draw() {
    this.job?.abort();
    const job = (this.job = new AbortController());
    const began = performance.now();
    const { style, recipe, picture, detail } = this;
    try {
      const engine = this.engines.for(style);
      await this.hand(engine, job.signal);
      const given = { style, controls: { ...this.controls }, detail };
      const { bitmap, drawn } = await this.run(engine, "draw", { ...given, preview: previewSize(picture) }, job.signal);
      this.held.set(engine, recipe);
      this.engine = engine;
      this.tell("drawn", { bitmap, drawn, milliseconds: performance.now() - began });
      return true;
    } catch (problem) {
      this.complain(problem);
      return false;
    } finally {
      if (this.job === job) this.tell("idle");
    }
  }

  // The finished picture as a file, at full size.
  async finish() {
    const { picture, style } = this; // of which another may be chosen meanwhile
    const { type } = picture;
    const stem = picture.name.replace(/\.[^.]*$/, "") || "picture";
    const name = `${stem}-${style.name.replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, "-")}${SUFFIX[type]}`;
    if (this.held.get(this.engine) !== this.recipe && !(await this.draw())) return undefined;
    const job = (this.job = new AbortController());
    try {
      const blob = await this.run(this.engine, "finish", { strength: this.strength, type }, job.signal);
      return new File([blob], name, { type });
    } catch (problem) {
      this.complain(problem);
      return undefined;
    } finally {
      if (this.job === job) this.tell("idle");
    }
  }

  // One picture of the camera.
  frame(bitmap) {
    const given = { bitmap, style: this.style, controls: { ...this.controls } };
    return this.engines.for(this.style).do("frame", given, { transfer: [bitmap] });
  }

  async prove() {
    await this.engines.prove(this.style);
    return this.engines.for(this.style) === this.engines.wasm ? "WebAssembly" : "WebGPU";
  }

  async hand(engine, signal) {
    if (this.held.has(engine)) return;
    const bitmap = await createImageBitmap(this.picture.bitmap);
    await engine.do("open", { bitmap }, { transfer: [bitmap], signal });
    this.held.set(engine, undefined);
  }

  run(engine, job, given, signal) {
    return engine.do(job, given, { signal, tell: (progress) => this.tell("busy", progress) });
  }

  complain(problem) {
    if (!(problem instanceof Cancelled)) this.tell("problem", { message: inWords(problem) });
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

export const defaults = (style) =>
  Object.fromEntries(Object.entries(style.controls).map(([name, control]) => [name, control.default]));

function inWords({ name, message }) {
  if (/memory|alloc|Array buffer|bad_alloc|encod/i.test(`${name} ${message}`)) {
    return "This picture is too large for the memory that the browser has. A smaller one, or another style, may do.";
  }
  if (name === "Unreachable" || name === "RangeError") return message;
  return `It could not be drawn: ${message}`;
}
