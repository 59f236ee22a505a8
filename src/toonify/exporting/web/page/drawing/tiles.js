// How a picture too large for the network is cut into windows whose results fit together.
// The same as `toonify.inference.tiles`, with smaller windows: browsers have less memory, and a reader sees
// how far a drawing has come. What a style's halo promises makes the result equal.

const WHOLE = 600_000; // pictures of up to this many pixels are drawn in one piece
const WINDOW = 640; // the longest side of a window, unless the halo asks for more
const SMALLEST = 32; // networks that pad by reflection need as many pixels

const roundUp = (length, multiple) => Math.ceil(length / multiple) * multiple;

const paddedSide = (side, multiple) => roundUp(Math.max(side, SMALLEST), multiple);

export function windows({ width, height }, { halo, multiple }) {
  const [wide, high] = [paddedSide(width, multiple), paddedSide(height, multiple)];
  const whole = halo === null || wide * high <= WHOLE;
  const longest = whole ? Math.max(wide, high) : Math.max(WINDOW, 3 * halo);
  return {
    rows: spans(high, halo ?? 0, multiple, longest),
    columns: spans(wide, halo ?? 0, multiple, longest),
  };
}

export function spans(length, halo, multiple, longest) {
  if (length <= longest) return [{ start: 0, stop: length, keepStart: 0, keepStop: length }];
  const margin = roundUp(halo, multiple);
  const most = Math.max(Math.floor((longest - 2 * margin) / multiple), 1) * multiple;
  const count = Math.ceil((length - 2 * margin) / most);
  const core = roundUp(Math.ceil((length - 2 * margin) / count), multiple);
  const cover = [];
  let kept = 0;
  for (let number = 0; number < count; number++) {
    const start = Math.min(number * core, length - core - 2 * margin);
    const stop = start + core + 2 * margin;
    const keepStop = stop === length ? length : stop - margin;
    cover.push({ start, stop, keepStart: kept, keepStop });
    kept = keepStop;
  }
  return cover;
}

// Where a row or column of a mirrored margin comes from: there and back, `side` long.
export function mirrored(place, side) {
  const there = place % (2 * side);
  return there < side ? there : 2 * side - 1 - there;
}
