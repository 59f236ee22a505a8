// Pillow's resampling, number for number, so that the page draws what `toonify convert` draws.
// Pictures are RGBA, 8 bits a channel; filtering happens on colours multiplied by their alpha, as Pillow does.

import { BICUBIC, BITS, coefficients, HALF, LANCZOS } from "./filters.js";

// Each row of `rows` pixels of `width` becomes one of `outWidth`, into `to` from row `row` on.
function alongRows(from, width, rows, taps, outWidth, to, row) {
  const { starts, counts, weights, size } = taps;
  let out = row * outWidth * 4;
  for (let y = 0; y < rows; y++) {
    const line = y * width * 4;
    for (let x = 0; x < outWidth; x++, out += 4) {
      let r = HALF, g = HALF, b = HALF, a = HALF;
      let at = line + starts[x] * 4;
      const end = x * size + counts[x];
      for (let k = x * size; k < end; k++, at += 4) {
        const w = weights[k];
        r += from[at] * w;
        g += from[at + 1] * w;
        b += from[at + 2] * w;
        a += from[at + 3] * w;
      }
      to[out] = r >> BITS; // the array clamps
      to[out + 1] = g >> BITS;
      to[out + 2] = b >> BITS;
      to[out + 3] = a >> BITS;
    }
  }
}

// The same for a plane of one channel.
function alongPlaneRows({ width, height, pixels }, { starts, counts, weights, size }, outWidth, to) {
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++, out++) {
      let sum = HALF;
      let at = y * width + starts[x];
      const end = x * size + counts[x];
      for (let k = x * size; k < end; k++, at++) sum += pixels[at] * weights[k];
      to[out] = sum >> BITS; // the array clamps
    }
  }
}

// Rows of so many numbers, `line`, become `count` rows.
function alongColumns(from, line, taps, count, to) {
  const { starts, counts, weights, size } = taps;
  const sums = new Int32Array(line);
  for (let y = 0; y < count; y++) {
    sums.fill(HALF);
    for (let k = 0; k < counts[y]; k++) {
      const w = weights[y * size + k];
      const at = (starts[y] + k) * line;
      for (let x = 0; x < line; x++) sums[x] += from[at + x] * w;
    }
    const out = y * line;
    for (let x = 0; x < line; x++) to[out + x] = sums[x] >> BITS;
  }
}

function premultiply(pixels) {
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3];
    if (alpha === 255) continue;
    for (let c = i; c < i + 3; c++) {
      const t = pixels[c] * alpha + 128;
      pixels[c] = ((t >> 8) + t) >> 8;
    }
  }
}

function unpremultiply(pixels) {
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3];
    if (alpha === 255 || alpha === 0) continue;
    for (let c = i; c < i + 3; c++) pixels[c] = Math.trunc((255 * pixels[c]) / alpha);
  }
}

// Squares of `across` × `down` pixels averaged to one, as Pillow's `Image.reduce`.
function averaged(pixels, width, rows, across, down) {
  if (across === 1 && down === 1) return pixels;
  const outWidth = Math.ceil(width / across);
  const outRows = Math.ceil(rows / down);
  const out = new Uint8ClampedArray(outWidth * outRows * 4);
  for (let y = 0; y < outRows; y++) {
    const high = Math.min(down, rows - y * down);
    for (let x = 0; x < outWidth; x++) {
      const wide = Math.min(across, width - x * across);
      const many = wide * high;
      const share = Math.floor(2 ** 24 / many);
      for (let c = 0; c < 4; c++) {
        let sum = many >> 1;
        for (let j = 0; j < high; j++) {
          const at = ((y * down + j) * width + x * across) * 4 + c;
          for (let i = 0; i < wide * 4; i += 4) sum += pixels[at + i];
        }
        out[(y * outWidth + x) * 4 + c] = Math.floor((sum * share) / 2 ** 24);
      }
    }
  }
  return out;
}

const GAP = 3; // `reducing_gap`: averaging first is as good where a side shrinks to less than a third of a third
const BAND = 2 ** 20; // pixels worked on at once

// A copy of another size, to be drawn on, of a picture that is read band by band: no second copy of a large one.
// `read(top, rows)` gives the pixels of full rows; they may be changed. `rest()` is awaited between two bands.
export async function resized(read, { width, height }, to, rest = async () => {}, filter = LANCZOS, gap = GAP) {
  const across = Math.trunc(width / to.width / gap) || 1;
  const down = Math.trunc(height / to.height / gap) || 1;
  const reduced = { width: Math.ceil(width / across), height: Math.ceil(height / down) };
  const short = coefficients(filter, reduced.width, width / across, to.width, 0, to.width);
  const low = coefficients(filter, reduced.height, height / down, to.height, 0, to.height);
  const rows = (top, many) => {
    const pixels = read(top * down, Math.min(many * down, height - top * down));
    premultiply(pixels);
    return averaged(pixels, width, pixels.length / width / 4, across, down);
  };
  return filtered(rows, reduced, to, short, low, Math.floor(BAND / width / down), rest);
}

// What lies in a part of a picture, at another size. Its edges (left, top, right, bottom) may lie between pixels.
// `read(left, wide)` gives a function `(top, rows) => pixels` of so many columns.
export async function resizedPart(read, { width, height }, edges, to, rest = async () => {}) {
  const [left, top, right, bottom] = edges.map(Math.fround); // as Pillow has them
  const short = coefficients(LANCZOS, width, Math.fround(right - left), to.width, 0, to.width, left);
  const low = coefficients(LANCZOS, height, Math.fround(bottom - top), to.height, 0, to.height, top);
  const [columns, lines] = [fromTheirFirst(short), fromTheirFirst(low)];
  const band = read(columns.first, columns.many);
  const rows = (row, many) => {
    const pixels = band(lines.first + row, many);
    premultiply(pixels);
    return pixels;
  };
  const size = { width: columns.many, height: lines.many };
  return filtered(rows, size, to, short, low, Math.floor(BAND / columns.many), rest);
}

// Lets coefficients count from the first input that they need. Which that is, and how many there are.
function fromTheirFirst({ starts, counts }) {
  const first = starts[0];
  const many = starts.at(-1) + counts.at(-1) - first;
  starts.forEach((start, place) => (starts[place] = start - first));
  return { first, many };
}

// A picture, read in bands of `step` rows, first made shorter or longer row by row, then column by column.
async function filtered(read, { width, height }, to, alongRow, alongColumn, step, rest) {
  const narrow = new Uint8ClampedArray(to.width * height * 4);
  for (let top = 0; top < height; top += Math.max(1, step)) {
    const many = Math.min(Math.max(1, step), height - top);
    alongRows(read(top, many), width, many, alongRow, to.width, narrow, top);
    await rest();
  }
  const pixels = new Uint8ClampedArray(to.width * to.height * 4);
  alongColumns(narrow, to.width * 4, alongColumn, to.height, pixels);
  unpremultiply(pixels);
  return { width: to.width, height: to.height, pixels };
}

// A drawing interpolated to a picture's size: `(top, rows) => pixels` of full rows.
export function fitting(drawing, { width, height }) {
  const colours = drawing.pixels.slice();
  premultiply(colours);
  const taps = coefficients(BICUBIC, drawing.width, drawing.width, width, 0, width);
  const wide = new Uint8ClampedArray(width * drawing.height * 4);
  alongRows(colours, drawing.width, drawing.height, taps, width, wide, 0);
  return (top, rows) => {
    const tall = coefficients(BICUBIC, drawing.height, drawing.height, height, top, rows);
    const pixels = new Uint8ClampedArray(width * rows * 4);
    alongColumns(wide, width * 4, tall, rows, pixels);
    unpremultiply(pixels);
    return pixels;
  };
}

// The same for a plane of one channel, { width, height, pixels }.
export function fittingPlane(plane, { width, height }) {
  const taps = coefficients(BICUBIC, plane.width, plane.width, width, 0, width);
  const wide = new Uint8ClampedArray(width * plane.height);
  alongPlaneRows(plane, taps, width, wide);
  return (top, rows) => {
    const tall = coefficients(BICUBIC, plane.height, plane.height, height, top, rows);
    const pixels = new Uint8ClampedArray(width * rows);
    alongColumns(wide, width, tall, rows, pixels);
    return pixels;
  };
}
