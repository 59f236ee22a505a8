// Pillow's resampling, number for number, so that the page draws what `toonify convert` draws.
// Pictures are RGBA, 8 bits a channel; filtering happens on colours multiplied by their alpha, as Pillow does.

const BITS = 22; // of a coefficient after the point
const HALF = 1 << (BITS - 1);

const sinc = (x) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

export const LANCZOS = {
  support: 3,
  weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
};

export const BICUBIC = {
  support: 2,
  weight: (x) => {
    const a = -0.5;
    const t = Math.abs(x);
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
    return 0;
  },
};

// For each of `count` outputs: which inputs it is made of, and how much of each.
// The outputs from `first` on of an axis whose `length` inputs span `span` of them become `total`.
function coefficients(filter, length, span, total, first, count) {
  const scale = span / total;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  const size = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * size);
  const exact = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    const centre = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const many = Math.min(length, Math.trunc(centre + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < many; k++) {
      exact[k] = filter.weight((start + k - centre + 0.5) / stretch);
      sum += exact[k];
    }
    for (let k = 0; k < many; k++) {
      const fixed = (exact[k] / sum) * 2 ** BITS;
      weights[i * size + k] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
    starts[i] = start;
    counts[i] = many;
  }
  return { starts, counts, weights, size };
}

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

function alongColumns(from, width, taps, count, to) {
  const { starts, counts, weights, size } = taps;
  const line = width * 4;
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

// A copy of another size, to be drawn on, of a picture that is read band by band: no second copy of a large one.
// `read(top, rows)` gives the pixels of full rows; they may be changed. `rest()` is awaited between two bands.
export async function resized(read, { width, height }, to, rest = async () => {}) {
  const across = Math.trunc(width / to.width / GAP) || 1;
  const down = Math.trunc(height / to.height / GAP) || 1;
  const reduced = { width: Math.ceil(width / across), height: Math.ceil(height / down) };
  const taps = coefficients(LANCZOS, reduced.width, width / across, to.width, 0, to.width);
  const narrow = new Uint8ClampedArray(to.width * reduced.height * 4);
  const step = Math.max(1, Math.floor(2 ** 20 / width / down)) * down;
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    const pixels = read(top, rows);
    premultiply(pixels);
    const small = averaged(pixels, width, rows, across, down);
    alongRows(small, reduced.width, Math.ceil(rows / down), taps, to.width, narrow, top / down);
    await rest();
  }
  const short = coefficients(LANCZOS, reduced.height, height / down, to.height, 0, to.height);
  const pixels = new Uint8ClampedArray(to.width * to.height * 4);
  alongColumns(narrow, to.width, short, to.height, pixels);
  unpremultiply(pixels);
  return { width: to.width, height: to.height, pixels };
}

// A drawing brought to a picture's size: `(top, rows) => pixels` of full rows.
export function fitting(drawing, { width, height }) {
  const colours = drawing.pixels.slice();
  premultiply(colours);
  const taps = coefficients(BICUBIC, drawing.width, drawing.width, width, 0, width);
  const wide = new Uint8ClampedArray(width * drawing.height * 4);
  alongRows(colours, drawing.width, drawing.height, taps, width, wide, 0);
  return (top, rows) => {
    const tall = coefficients(BICUBIC, drawing.height, drawing.height, height, top, rows);
    const pixels = new Uint8ClampedArray(width * rows * 4);
    alongColumns(wide, width, tall, rows, pixels);
    unpremultiply(pixels);
    return pixels;
  };
}
