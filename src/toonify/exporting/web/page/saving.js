// Getting the finished picture out of the page: a download, or the device's own way to share.

export function download(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Whether this browser shares pictures.
export function canShare() {
  const trial = new File([""], "cartoon.jpg", { type: "image/jpeg" });
  return Boolean(navigator.canShare?.({ files: [trial] }));
}

// Whether it was shared; a reader who changes their mind is no error.
export async function share(file) {
  try {
    await navigator.share({ files: [file] });
    return true;
  } catch (problem) {
    if (problem.name === "AbortError") return false;
    download(file); // as when drawing took longer than the browser lets a click count
    return true;
  }
}
