// Small faces, drawn once more from closer by: what `toonify.converting.close_ups` does, in the browser.
// `rules` are `faces.drawing` of page.json, and told in `toonify.faces.close_ups`.

import { rounded } from "./cartoon.js";
import { doublingsInto, enlarging } from "./enlarging.js";
import { resizedPart } from "./resampling.js";

// The width in pixels at which small faces of a picture are drawn once more; 0 if they are not. Where every pixel
// is drawn, there is nothing closer.
export function closeUp({ width, height }, { close_up }, detail, rules) {
  return close_up && detail && width * height <= rules.pixels ? close_up : 0;
}

// Those that are better drawn from closer by, where a face has that width in pixels.
export const smallFaces = (faces, width, { small }) => faces.filter((face) => face.width < small * width);

// A drawing, enlarged as far as its small faces have use for it, with each of them drawn anew.
// `photo` is { width, height, read }, with `read` as `resizedPart` takes it; `draw(picture)` gives the cartoon of
// one; `tell(done)` is awaited after each face, and may throw to stop.
export async function withCloseUps(drawing, photo, faces, width, rules, draw, tell = async () => {}) {
  if (!faces.length) return drawing;
  const size = wholeSize(drawing, photo, width / Math.min(...faces.map((face) => face.width)), rules);
  const whole = size.width === drawing.width && size.height === drawing.height
    ? drawing
    : enlarged(drawing, size, photo);
  let done = 0;
  for (const head of heads(faces, drawing, size, rules)) {
    const close = await draw(await seen(head, photo, size, width, rules, () => tell(done)));
    await lay(whole, close, head, rules);
    await tell(++done);
  }
  return whole;
}

// A drawing at a size between its own and the photograph's, where it is enlarged further.
function enlarged(drawing, size, photo) {
  const doublings = Math.min(doublingsInto(photo, drawing), doublingsInto(size, drawing) + 1);
  return { ...size, pixels: enlarging(drawing, size, doublings)(0, size.height) };
}

// To what a drawing is enlarged, to have room for close-ups; its sides grow `most` times at most.
function wholeSize(drawn, photo, most, { largest, pixels }) {
  const times = Math.min(largest, most, Math.sqrt(pixels / (drawn.width * drawn.height)));
  const larger = photo.width / drawn.width;
  if (larger <= 1) return { width: drawn.width, height: drawn.height };
  if (larger <= times) return { width: photo.width, height: photo.height };
  return { width: rounded(drawn.width * times), height: rounded(drawn.height * times) };
}

// Where close-ups are laid: not of faces that lie outside, as the detector's may.
function heads(faces, drawn, whole, { reach, raised }) {
  const scale = whole.width / drawn.width;
  const every = faces.map((face) => {
    const x = (face.left + face.width / 2) * scale;
    const y = (face.top + (0.5 - raised) * face.height) * scale;
    const [across, down] = [reach[0] * face.width * scale, reach[1] * face.height * scale];
    const [left, top] = [Math.max(0, Math.floor(x - across)), Math.max(0, Math.floor(y - down))];
    const right = Math.min(whole.width, Math.ceil(x + across));
    const bottom = Math.min(whole.height, Math.ceil(y + down));
    return { x, y, across, down, left, top, right, bottom, width: face.width * scale };
  });
  return every.filter((head) => head.left < head.right && head.top < head.bottom);
}

// What is around a head as the photograph shows it, so enlarged that the face has that width.
function seen({ left, top, right, bottom, ...head }, photo, whole, width, { magnified }, rest) {
  const [across, down] = [photo.width / whole.width, photo.height / whole.height];
  const nearer = Math.min(width / head.width, magnified * across);
  const side = (length) => Math.max(1, rounded(length * nearer));
  const edges = [left * across, top * down, right * across, bottom * down];
  return resizedPart(photo.read, photo, edges, { width: side(right - left), height: side(bottom - top) }, rest);
}

// Lays a close-up of any size over the whole, softly towards its edges.
async function lay(whole, close, head, rules) {
  const { left, top, right, bottom } = head;
  const size = { width: right - left, height: bottom - top };
  const read = (first, wide) => (row, many) => part(close, first, row, wide, many);
  const { pixels } = await resizedPart(read, close, [0, 0, close.width, close.height], size);
  const { fround } = Math;
  let from = 0;
  for (let y = top; y < bottom; y++) {
    let to = (y * whole.width + left) * 4;
    for (let x = left; x < right; x++, from += 4, to += 4) {
      const taken = share(x, y, head, rules);
      for (let c = 0; c < 4; c++) {
        const before = whole.pixels[to + c];
        whole.pixels[to + c] = fround(before + fround((pixels[from + c] - before) * taken)); // the array rounds
      }
    }
  }
}

// How much of a close-up is taken at a pixel of the whole, 0 to 1, in float32.
function share(column, row, { x, y, across, down }, { solid }) {
  const { fround } = Math;
  const distance = Math.hypot((column - x) / across, (row - y) / down);
  const share = fround(Math.min(Math.max((1 - distance) / (1 - solid), 0), 1));
  return fround(fround(share * share) * fround(3 - fround(2 * share)));
}

function part({ width, pixels }, left, top, wide, high) {
  const copy = new Uint8ClampedArray(wide * high * 4);
  for (let row = 0; row < high; row++) {
    const from = ((top + row) * width + left) * 4;
    copy.set(pixels.subarray(from, from + wide * 4), row * wide * 4);
  }
  return copy;
}
