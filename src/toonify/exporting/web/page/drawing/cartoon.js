// A picture through a network: what `toonify.converting` does, in the browser.
// Pictures are { width, height, pixels }: RGBA, 8 bits a channel.

import { enlarging } from "./enlarging.js";
import { resized } from "./resampling.js";
import { mirrored, windows } from "./tiles.js";

const NOISE = 8; // of 255: by how much the channels of a grey pixel may differ

// The size at which a picture is drawn; `detail` 0 draws every pixel, `enlarge` is how many times a side may grow.
// A panorama, longer than 4 : 1, has more pixels: its short side is not reduced below half of `detail`.
export function drawingSize({ width, height }, detail, enlarge = 1) {
  const square = detail ? Math.min(detail / Math.sqrt(width * height), enlarge) : 1;
  const scale = Math.max(square, Math.min(detail / (2 * Math.min(width, height)), 1));
  return { width: Math.max(1, rounded(width * scale)), height: Math.max(1, rounded(height * scale)) };
}

// To the nearest whole number, halves to the even one, as Python and NumPy do.
export function rounded(value) {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2) ? whole + 1 : whole;
}

// A copy of what `read` gives, at the size that a style draws it.
export async function prepared(read, size, { detail, enlarge }, rest) {
  const drawn = drawingSize(size, detail, enlarge);
  if (drawn.width !== size.width || drawn.height !== size.height) return resized(read, size, drawn, rest);
  return { ...size, pixels: read(0, size.height) };
}

// The cartoon of a picture, of the same size. `run(input, height, width, controls)` is the network on float32 RGB in
// [-1, 1]; `tell(done, total)` is awaited after each window, and may throw to stop.
export async function draw(picture, style, run, controls = {}, tell = async () => {}) {
  const { rows, columns } = windows(picture, style);
  const set = style.keeps_grey && isGrey(picture) ? { ...controls, colour: 0 } : controls;
  const drawing = { ...picture, pixels: picture.pixels.slice() };
  let done = 0;
  for (const row of rows) {
    for (const column of columns) {
      const [high, wide] = [row.stop - row.start, column.stop - column.start];
      const cartoon = await run(networkInput(picture, row, column), high, wide, set);
      keep(drawing, cartoon, row, column);
      await tell(++done, rows.length * columns.length);
    }
  }
  return drawing;
}

// Whether a picture has no colours at all: what `toonify.converting.grey` says.
export function isGrey({ pixels }) {
  for (let i = 0; i < pixels.length; i += 4) {
    const [red, green, blue, alpha] = [pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]];
    if (alpha && Math.max(red, green, blue) - Math.min(red, green, blue) > NOISE) return false;
  }
  return true;
}

function networkInput(picture, row, column) {
  const { width, height, pixels } = picture;
  const input = new Float32Array((row.stop - row.start) * (column.stop - column.start) * 3);
  const places = Array.from({ length: column.stop - column.start }, (_, x) => mirrored(column.start + x, width) * 4);
  let out = 0;
  for (let y = row.start; y < row.stop; y++) {
    const line = mirrored(y, height) * width * 4;
    for (const place of places) {
      const at = line + place;
      // What cannot be seen often is black, and would draw outlines into what can.
      const hidden = pixels[at + 3] === 0;
      for (let c = 0; c < 3; c++) input[out++] = (hidden ? 255 : pixels[at + c]) / 127.5 - 1;
    }
  }
  return input;
}

// Puts what is to be kept of a window into the drawing; alpha, and what is fully transparent, stays.
function keep(drawing, cartoon, row, column) {
  const { width, height, pixels } = drawing;
  const wide = column.stop - column.start;
  const right = Math.min(column.keepStop, width);
  for (let y = row.keepStart; y < Math.min(row.keepStop, height); y++) {
    let from = ((y - row.start) * wide + column.keepStart - column.start) * 3;
    let to = (y * width + column.keepStart) * 4;
    for (let x = column.keepStart; x < right; x++, from += 3, to += 4) {
      if (pixels[to + 3] === 0) continue;
      for (let c = 0; c < 3; c++) pixels[to + c] = cartoon[from + c] * 127.5 + 127.5; // the array rounds and clamps
    }
  }
}

// Rows of the finished picture: the drawing, brought to its size, over the photograph.
// `read` gives rows of the photograph of that `size`; `strength` is how much of the drawing to take.
export function compositing(read, size, drawing, strength) {
  const fitted = drawing.width === size.width && drawing.height === size.height
    ? (top, rows) => drawing.pixels.subarray(top * size.width * 4, (top + rows) * size.width * 4)
    : enlarging(drawing, size);
  return (top, rows) => {
    const photo = read(top, rows);
    const drawn = fitted(top, rows);
    for (let i = 0; i < photo.length; i += 4) {
      if (photo[i + 3] === 0) continue;
      for (let c = i; c < i + 3; c++) photo[c] += strength * (drawn[c] - photo[c]);
    }
    return photo;
  };
}
