// Drawings enlarged so that their borders stay crisp: what `toonify.media.enlarging` does, number for number.
// Planes are { width, height, pixels } of one channel, 8 bits.

import { fitting, fittingPlane } from "./resampling.js";

const MOST_DOUBLINGS = 3;
const STEP = 6; // of 255, as all of these
const SLIGHT = 4;
const GAIN = 5;
const SPLINE = [1, 22, 9];
const LINEAR = [0, 3, 1];
const UNCHANGED = 128;

// How often a drawing is doubled on its way to a size: as often as it fits, or less.
export function doublingsInto(size, drawn) {
  const times = Math.min(size.width / drawn.width, size.height / drawn.height);
  let doublings = 0;
  while (doublings < MOST_DOUBLINGS && times >= 2 ** (doublings + 1)) doublings++;
  return doublings;
}

// A drawing brought to a picture's size: `(top, rows) => pixels` of full rows.
export function enlarging(drawing, size, doublings = doublingsInto(size, drawing)) {
  if (!doublings) return fitting(drawing, size);
  const solid = isSolid(drawing);
  const smooth = evened(drawing, solid);
  const interpolated = fitting(smooth, size);
  const change = fittingPlane(changed(smooth, solid, doublings), size);
  return (top, rows) => {
    const pixels = interpolated(top, rows);
    const lighter = change(top, rows);
    for (let i = 0, at = 0; i < lighter.length; i++, at += 4) {
      const more = lighter[i] - UNCHANGED;
      if (!more) continue;
      for (let c = at; c < at + 3; c++) pixels[c] += more; // the array clamps
    }
    return pixels;
  };
}

// By how much doubled luma is lighter than interpolated luma, plus `UNCHANGED`.
function changed(drawing, solid, doublings) {
  const luma = lumaOf(drawing);
  let crisp = luma;
  for (let n = 0; n < doublings; n++) crisp = doubled(crisp);
  const { width, height } = crisp;
  const change = fittingPlane(luma, { width, height })(0, height); // interpolated luma, as yet
  for (let y = 0, i = 0; y < height; y++) {
    const line = (y >> doublings) * drawing.width;
    for (let x = 0; x < width; x++, i++) {
      const opaque = solid[line + (x >> doublings)];
      change[i] = opaque ? crisp.pixels[i] - change[i] + UNCHANGED : UNCHANGED;
    }
  }
  return { width, height, pixels: change };
}

function lumaOf({ width, height, pixels }) {
  const luma = new Uint8ClampedArray(width * height);
  for (let i = 0, at = 0; i < luma.length; i++, at += 4) {
    luma[i] = (pixels[at] * 19595 + pixels[at + 1] * 38470 + pixels[at + 2] * 7471 + 0x8000) >> 16; // as Pillow's
  }
  return { width, height, pixels: luma };
}

// Twice as wide and high; pixels between the sides of a border are moved towards one of them.
function doubled(luma) {
  const { width, height, pixels } = twice(luma, SPLINE);
  const least = twice(extreme(luma, Math.min), LINEAR).pixels;
  const most = twice(extreme(luma, Math.max), LINEAR).pixels;
  const out = new Uint8ClampedArray(pixels.length);
  for (let i = 0; i < out.length; i++) {
    const beyond = pixels[i] - ((least[i] + most[i]) >> 1);
    const moved = pixels[i] + (GAIN - 1) * (beyond - Math.max(-SLIGHT, Math.min(beyond, SLIGHT)));
    out[i] = Math.max(least[i], Math.min(moved, most[i]));
  }
  return { width, height, pixels: out };
}

// A plane of twice the size, its columns interpolated and then its rows, in whole numbers.
function twice({ width, height, pixels }, [far, own, near]) {
  const whole = far + own + near;
  const [half, bits] = [whole >> 1, Math.log2(whole)];
  const tall = new Uint8Array(width * height * 2);
  for (let y = 0; y < height; y++) {
    const line = y * width;
    const [above, below] = [y > 0 ? -width : 0, y < height - 1 ? width : 0];
    let up = 2 * line;
    let down = up + width;
    for (let i = line; i < line + width; i++, up++, down++) {
      const middle = own * pixels[i] + half;
      tall[up] = (near * pixels[i + above] + middle + far * pixels[i + below]) >> bits;
      tall[down] = (far * pixels[i + above] + middle + near * pixels[i + below]) >> bits;
    }
  }
  const out = new Uint8Array(tall.length * 2);
  for (let first = 0; first < tall.length; first += width) {
    let before = tall[first];
    let value = before;
    for (let i = first; i < first + width; i++) {
      const after = i < first + width - 1 ? tall[i + 1] : value;
      const middle = own * value + half;
      out[2 * i] = (near * before + middle + far * after) >> bits;
      out[2 * i + 1] = (far * before + middle + near * after) >> bits;
      before = value;
      value = after;
    }
  }
  return { width: 2 * width, height: 2 * height, pixels: out };
}

// Steps of no more than `STEP` smoothed away, where all around is opaque.
function evened(drawing, solid) {
  const { width, height, pixels } = drawing;
  const out = pixels.slice();
  for (let y = 0, i = 0; y < height; y++) {
    const [above, below] = [y > 0 ? -4 * width : 0, y < height - 1 ? 4 * width : 0];
    for (let x = 0; x < width; x++, i++) {
      if (!solid[i]) continue;
      const [left, right] = [x > 0 ? -4 : 0, x < width - 1 ? 4 : 0];
      for (let at = 4 * i; at < 4 * i + 3; at++) {
        const sum = column(pixels, at + left, above, below) + 2 * column(pixels, at, above, below)
          + column(pixels, at + right, above, below);
        const away = ((sum + 8) >> 4) - pixels[at];
        out[at] += Math.max(-STEP, Math.min(away, STEP));
      }
    }
  }
  return { width, height, pixels: out };
}

function column(pixels, at, above, below) {
  return pixels[at + above] + 2 * pixels[at] + pixels[at + below];
}

// Whether all that interpolation sees around each pixel is opaque, 255 or 0.
function isSolid({ width, height, pixels }) {
  const alpha = new Uint8ClampedArray(width * height);
  for (let i = 0; i < alpha.length; i++) alpha[i] = pixels[i * 4 + 3] === 255 ? 255 : 0;
  const plane = { width, height, pixels: alpha };
  return extreme(extreme(plane, Math.min), Math.min).pixels;
}

// The least or most of each pixel's 3 × 3 neighbours.
function extreme({ width, height, pixels }, chosen) {
  const across = new Uint8Array(pixels.length);
  const down = new Uint8Array(pixels.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [before, after] = [x > 0 ? i - 1 : i, x < width - 1 ? i + 1 : i];
      across[i] = chosen(chosen(pixels[before], pixels[i]), pixels[after]);
    }
  }
  for (let y = 0, i = 0; y < height; y++) {
    const [above, below] = [y > 0 ? width : 0, y < height - 1 ? width : 0];
    for (let x = 0; x < width; x++, i++) down[i] = chosen(chosen(across[i - above], across[i]), across[i + below]);
  }
  return { width, height, pixels: down };
}
