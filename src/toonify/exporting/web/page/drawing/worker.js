// The worker in which everything is drawn. One job at a time; a job that was cancelled ends at its next rest.
// In: { id, job, ...what it needs }, or { cancel: id }. Out: { id } with `progress`, `result` or `problem`.

import { compositing, draw, prepared } from "./cartoon.js";
import { closeUp, smallFaces, withCloseUps } from "./close-ups.js";
import { enlarging } from "./enlarging.js";
import { findFaces } from "./faces.js";
import { Networks } from "./network.js";
import { resized } from "./resampling.js";

const BAND = 2 ** 20; // pixels worked on at once
const WHOLE_LIMIT = 4_000_000; // pixels of a picture that a style must see whole

let networks;
let photo; // { bitmap, width, height }
let drawing; // of the photo
let line = Promise.resolve();
let tellNow; // `tell` of the job that is carried out
const cancelled = new Set();

class Cancelled extends Error {}

onmessage = ({ data }) => {
  if ("cancel" in data) cancelled.add(data.cancel);
  else line = line.then(() => carryOut(data));
};

async function carryOut({ id, job, ...given }) {
  const tell = (tellNow = (progress) => postMessage({ id, progress }));
  const rest = async () => {
    await new Promise((resume) => setTimeout(resume)); // so that a cancellation can come in
    if (cancelled.has(id)) throw new Cancelled("cancelled");
  };
  try {
    await rest();
    const { result, transfer = [] } = await JOBS[job](given, tell, rest);
    postMessage({ id, result }, transfer);
  } catch (problem) {
    postMessage({ id, problem: { name: problem.constructor.name, message: String(problem.message ?? problem) } });
  } finally {
    cancelled.delete(id);
  }
}

const JOBS = {
  async start({ page, backend }) {
    networks = new Networks(page, backend, (share) => tellNow({ step: "loading", share }));
    return { result: true };
  },

  // Loads what a style needs, and draws a little, before anyone waits for it.
  async warm({ style }) {
    const network = await networks.open(style);
    const pixels = new Uint8ClampedArray(128 * 128 * 4);
    await draw({ width: 128, height: 128, pixels }, style, network);
    return { result: true };
  },

  async open({ bitmap }) {
    photo?.bitmap.close();
    photo = { bitmap, width: bitmap.width, height: bitmap.height };
    drawing = undefined;
    return { result: true };
  },

  async draw({ style, controls, detail, preview }, tell, rest) {
    const network = await networks.open(style);
    tell({ step: "drawing", share: 0 });
    const picture = await prepared(reading(photo.bitmap), photo, { ...style, detail }, rest);
    if (style.halo === null && picture.width * picture.height > WHOLE_LIMIT) {
      throw new RangeError("This style has to see a picture whole, and this one is too large for it here.");
    }
    const { faces, width } = await facesOf(picture, style, detail);
    const parts = 1 + faces.length / 2; // a face takes half as long as the whole
    const drawn = async (part) => {
      tell({ step: "drawing", share: part / parts });
      await rest();
    };
    const once = await draw(picture, style, network, controls, (done, all) => drawn(done / all));
    const whole = { width: photo.width, height: photo.height, read: (left, wide) => reading(photo.bitmap, left, wide) };
    const again = (close) => draw(close, style, network, controls);
    drawing = await withCloseUps(once, whole, faces, width, rules(), again, (done) => drawn(1 + done / 2));
    const bitmap = toBitmap(await fitted(drawing, preview));
    return { result: { bitmap, drawn: [drawing.width, drawing.height] }, transfer: [bitmap] };
  },

  // The finished picture at full size, as a file.
  async finish({ strength, type }, tell, rest) {
    const canvas = new OffscreenCanvas(photo.width, photo.height);
    const context = canvas.getContext("2d");
    const rows = compositing(reading(photo.bitmap), photo, drawing, strength);
    await byBands(photo, rows, (image, top) => context.putImageData(image, 0, top), async (share) => {
      tell({ step: "finishing", share });
      await rest();
    });
    if (type === "image/jpeg") layOverWhite(context);
    const result = await canvas.convertToBlob({ type, quality: 0.95 });
    return { result };
  },

  // One picture of the camera, which is small already.
  async frame({ bitmap, style, controls }) {
    const network = await networks.open(style);
    const picture = { width: bitmap.width, height: bitmap.height, pixels: reading(bitmap)(0, bitmap.height) };
    bitmap.close();
    const drawn = toBitmap(await draw(picture, style, network, controls));
    return { result: { bitmap: drawn }, transfer: [drawn] };
  },

  // A picture made by rule, drawn: two backends that are right give the same.
  async test({ style }) {
    const network = await networks.open(style);
    const [width, height] = [128, 96];
    const pixels = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < pixels.length; i++) pixels[i] = i % 4 === 3 ? 255 : 128 + 100 * Math.sin(i * i * 0.37 + i / 900);
    await draw({ width, height, pixels }, style, network);
    const began = performance.now();
    const drawn = await draw({ width, height, pixels }, style, network);
    return { result: { pixels: drawn.pixels, milliseconds: performance.now() - began } };
  },
};

const rules = () => networks.page.faces?.drawing;

// The small faces of a picture at the size at which it is drawn, and how wide they are to be drawn once more.
async function facesOf(picture, style, detail) {
  const width = closeUp(picture, style, detail, rules());
  if (!width) return { faces: [], width };
  const found = await findFaces(picture, await networks.openDetector(), networks.page.faces.finding);
  return { faces: smallFaces(found, width, rules()), width };
}

// A function that gives the pixels of rows of a bitmap: full ones, or of so many columns from `left` on.
function reading(bitmap, left = 0, width = bitmap.width) {
  const high = Math.max(1, Math.min(bitmap.height, Math.floor(BAND / width)));
  const canvas = new OffscreenCanvas(width, high);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const band = (top, rows) => {
    context.clearRect(0, 0, width, high);
    context.drawImage(bitmap, -left, -top);
    return context.getImageData(0, 0, width, rows).data;
  };
  return (top, rows) => {
    if (rows <= high) return band(top, rows);
    const pixels = new Uint8ClampedArray(width * rows * 4);
    for (let y = 0; y < rows; y += high) pixels.set(band(top + y, Math.min(high, rows - y)), y * width * 4);
    return pixels;
  };
}

// A drawing at the size at which it is shown; every pixel of a large picture is reduced band by band.
async function fitted(drawn, size) {
  if (drawn.width === size.width && drawn.height === size.height) return drawn;
  if (size.width >= Math.min(drawn.width, photo.width)) return { ...size, pixels: enlarging(drawn, size)(0, size.height) };
  const rows = (top, many) => drawn.pixels.slice(top * drawn.width * 4, (top + many) * drawn.width * 4);
  return resized(rows, drawn, size);
}

async function byBands({ width, height }, rows, use, tell) {
  const step = Math.max(1, Math.floor(BAND / width));
  for (let top = 0; top < height; top += step) {
    const many = Math.min(step, height - top);
    use(new ImageData(rows(top, many), width, many), top);
    await tell((top + many) / height);
  }
}

function layOverWhite(context) {
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}

function toBitmap({ width, height, pixels }) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas.transferToImageBitmap();
}
