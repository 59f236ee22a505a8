// Where faces are: what `toonify.faces` does, in the browser. The detector is YuNet, whose numbers are told there.
// Faces are { left, top, width, height }, in pixels of the picture; they may lie outside of it.

import { rounded } from "./cartoon.js";
import { BILINEAR } from "./filters.js";
import { resized } from "./resampling.js";

// The faces of a picture, the largest first. `detect(input, height, width)` is the network on float32,
// (3, height, width), blue first, 0 to 255; it gives arrays by name. `finding` is of page.json.
export async function findFaces(picture, detect, { longest, most, strides, certain, same }) {
  const { width, height } = picture;
  const scale = Math.min(1, longest / Math.max(width, height));
  const side = (length) => Math.max(1, rounded(length * scale));
  const small = await reduced(picture, { width: side(width), height: side(height) });
  const [wide, high] = [small.width, small.height].map((length) => Math.ceil(length / strides.at(-1)) * strides.at(-1));
  const found = await detect(networkInput(small, high, wide), high, wide);
  const faces = [];
  const candidates = strides.flatMap((stride) => seen(found, stride, wide, certain));
  for (const { box } of candidates.sort((one, other) => other.score - one.score)) {
    const [left, top, width, height] = box.map((length) => length / scale);
    const face = { left, top, width, height };
    if (!faces.some((other) => areSame(face, other, same))) faces.push(face);
  }
  faces.sort((one, other) => other.height - one.height || one.left - other.left || one.top - other.top);
  return faces.slice(0, most);
}

async function reduced({ width, height, pixels }, size) {
  const opaque = pixels.slice();
  for (let alpha = 3; alpha < opaque.length; alpha += 4) opaque[alpha] = 255;
  if (size.width === width && size.height === height) return { ...size, pixels: opaque };
  const rows = (top, many) => opaque.subarray(top * width * 4, (top + many) * width * 4);
  return resized(rows, { width, height }, size, undefined, BILINEAR, 2);
}

// With black on the right and below, as far as the network needs it.
function networkInput({ width, height, pixels }, high, wide) {
  const input = new Float32Array(3 * high * wide);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) input[((2 - c) * high + y) * wide + x] = pixels[(y * width + x) * 4 + c];
    }
  }
  return input;
}

// What the points so far apart see: score and box of each that sees a face.
function seen(found, stride, wide, certain) {
  const [classes, objects, boxes] = ["cls", "obj", "bbox"].map((kind) => found[`${kind}_${stride}`]);
  const share = (value) => Math.min(Math.max(value, 0), 1);
  const candidates = [];
  for (let index = 0; index < classes.length; index++) {
    const score = Math.sqrt(share(classes[index]) * share(objects[index]));
    if (score < certain) continue;
    const [x, y, logWidth, logHeight] = boxes.subarray(index * 4, index * 4 + 4);
    const [width, height] = [Math.exp(logWidth) * stride, Math.exp(logHeight) * stride];
    const [column, row] = [index % (wide / stride), Math.floor(index / (wide / stride))];
    const box = [(column + x) * stride - width / 2, (row + y) * stride - height / 2, width, height];
    candidates.push({ score, box });
  }
  return candidates;
}

// Whether two boxes have so much in common that they are of one face.
function areSame(one, other, same) {
  const across = Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
  const down = Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top);
  const both = Math.max(0, across) * Math.max(0, down);
  return both > same * (one.width * one.height + other.width * other.height - both);
}
