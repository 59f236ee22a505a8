// Opening what a reader gives: a file, something pasted or dropped. Every refusal is a sentence for people.

export class Refused extends Error {}

const MOST = 100_000_000; // pixels
const HEIC = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]);

// { bitmap, name, type, notes } of a file, upright and in sRGB, with the type that its cartoon gets; `others` is how
// many more were given with it.
export async function openPicture(file, others = 0) {
  if (!file.size) throw new Refused(`${named(file)} is empty.`);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { premultiplyAlpha: "none", imageOrientation: "from-image" });
  } catch {
    throw new Refused(await reason(file));
  }
  const { width, height } = bitmap;
  if (width * height > MOST) {
    bitmap.close();
    throw new Refused(
      `${named(file)} has ${Math.round((width * height) / 1e6)} megapixels, more than a browser can draw. ` +
        "The command toonify convert takes it.",
    );
  }
  const notes = [];
  if (others) notes.push(`One picture at a time: of ${others + 1} files, the others are left out.`);
  if (await isAnimated(file)) {
    notes.push("Of this animation one frame is drawn. The command toonify convert draws all of a GIF, PNG or WebP.");
  }
  return { bitmap, name: file.name || "picture", type: await typeOf(file), notes };
}

// By what it begins with: the browser goes by its name.
async function typeOf(file) {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0xff && second === 0xd8 ? "image/jpeg" : "image/png";
}

// As far as the browser tells: not every one does.
async function isAnimated(file) {
  try {
    const decoder = new ImageDecoder({ data: file.stream(), type: file.type });
    await decoder.tracks.ready;
    if (decoder.tracks.selectedTrack.animated) await decoder.completed; // as every GIF claims to be
    const { frameCount } = decoder.tracks.selectedTrack;
    decoder.close();
    return frameCount > 1;
  } catch {
    return false;
  }
}

async function reason(file) {
  const read = await file.slice(0, 4096).arrayBuffer().catch(() => undefined);
  if (!read) {
    return (
      `${named(file)} is a folder, or a file that cannot be read. Open a picture; ` +
      "the command toonify convert draws whole folders."
    );
  }
  const head = new Uint8Array(read);
  const text = (from, to) => String.fromCharCode(...head.subarray(from, to));
  if (text(4, 8) === "ftyp" && HEIC.has(text(8, 12))) {
    return (
      `${named(file)} is a HEIC picture, which this browser does not open. Safari does; ` +
      "or save it as JPEG, which iPhones do under Settings, Camera, Formats, Most Compatible."
    );
  }
  if (text(4, 8) === "ftyp" || file.type.startsWith("video/")) {
    return `${named(file)} is a film. The command toonify convert draws films; here it has to be a picture.`;
  }
  const known = text(0, 2) === "\xff\xd8" || text(1, 4) === "PNG" || text(0, 4) === "GIF8" || text(8, 12) === "WEBP";
  if (known) return `${named(file)} is damaged, cut short, or too large for this browser.`;
  if (file.type.startsWith("image/")) return `${named(file)} is damaged, or of a kind that this browser does not open.`;
  return `${named(file)} is not a picture. A JPEG, PNG or WebP file will do.`;
}

const named = (file) => (file.name ? `“${file.name.slice(0, 80)}”` : "What you gave");

// The first picture of what was dropped or pasted, and how many more files there are.
export function given(transfer) {
  const files = [...(transfer?.files ?? [])];
  const file = files.find((one) => one.type.startsWith("image/")) ?? files[0];
  if (!file) throw new Refused("That holds no picture. Save the picture first, then open or drop its file.");
  return { file, others: files.length - 1 };
}

// How large to show a picture on the page: no more pixels than screens have.
export function previewSize({ width, height }, longest = 2048) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

// Whatever is dropped anywhere on the page.
export function acceptDrops(receive) {
  let depth = 0;
  const mark = (change) => {
    depth = Math.max(0, depth + change);
    document.body.classList.toggle("dropping", depth > 0);
  };
  addEventListener("dragenter", () => mark(1));
  addEventListener("dragleave", () => mark(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    receive(event.dataTransfer);
  });
}
