// Pillow's filters, and what they make of the pixels of a row or column, in whole numbers.

export const BITS = 22; // of a coefficient after the point
export const HALF = 1 << (BITS - 1);

const sinc = (x) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

export const LANCZOS = {
  support: 3,
  weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
};

export const BILINEAR = {
  support: 1,
  weight: (x) => Math.max(0, 1 - Math.abs(x)),
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

// For each of `count` outputs, from `first` on of `total`: which inputs it is made of, and how much of each.
// All outputs are made of the `span` from `begin` on of an axis of `length` inputs, and of a little around it.
export function coefficients(filter, length, span, total, first, count, begin = 0) {
  const scale = span / total;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  const size = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * size);
  const exact = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    const centre = begin + (first + i + 0.5) * scale;
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
