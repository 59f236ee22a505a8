// The picture before and after, with the slider between them, and what is told about it.

import { previewSize } from "./pictures.js";

const find = (id) => document.getElementById(id);

// Hides an element. Had it, or what is in it, the focus, that goes on to an heir: else whoever uses keys has lost it.
export function hide(element, heir) {
  const focused = element.contains(document.activeElement);
  element.hidden = true;
  if (focused) heir.focus();
}

const DOING = { loading: "Fetching the drawing engine", drawing: "Drawing", finishing: "Finishing at full size" };

export class Stage {
  constructor() {
    this.sheet = find("sheet");
    this.photo = find("photo");
    this.cartoon = find("cartoon");
    this.wipe = find("wipe");
    this.wipe.addEventListener("input", () => this.place());
    find("alert").querySelector("button").addEventListener("click", () => this.calm());
    this.place();
  }

  place() {
    const at = Number(this.wipe.value);
    this.sheet.style.setProperty("--at", `${at}%`);
    this.wipe.setAttribute("aria-valuetext", `${Math.round(at)} % photograph, the rest cartoon`);
    this.sheet.querySelector(".before").style.opacity = at < 14 ? 0 : 1;
    this.sheet.querySelector(".after").style.opacity = at > 86 ? 0 : 1;
  }

  strength(share) {
    this.sheet.style.setProperty("--strength", share);
  }

  // A new photograph, without its cartoon.
  show(bitmap, words) {
    const { width, height } = previewSize(bitmap);
    this.sheet.style.setProperty("--shape", bitmap.width / bitmap.height);
    paint(this.photo, bitmap, width, height);
    this.cartoon.width = this.cartoon.height = 1;
    this.sheet.classList.remove("drawn");
    this.photo.setAttribute("aria-label", words);
    this.mirror(false);
  }

  draw(bitmap, words) {
    this.lay(bitmap);
    this.cartoon.setAttribute("aria-label", words);
  }

  // Of the camera: photograph and cartoon at once.
  live(before, after, mirrored) {
    this.sheet.style.setProperty("--shape", before.width / before.height);
    const { width, height } = previewSize(before, 1280);
    paint(this.photo, before, width, height);
    this.lay(after);
    this.mirror(mirrored);
  }

  // A cartoon over its photograph.
  lay(bitmap) {
    paint(this.cartoon, bitmap, bitmap.width, bitmap.height);
    this.sheet.classList.add("drawn");
  }

  // As people see themselves in a mirror.
  mirror(on) {
    this.sheet.classList.toggle("mirrored", on);
  }

  busy({ step, share }) {
    find("busy").hidden = false;
    const bar = find("progress");
    if (share) bar.value = share;
    else bar.removeAttribute("value");
    const words = DOING[step];
    if (find("doing").textContent !== words) find("doing").textContent = words;
    find("stage").setAttribute("aria-busy", "true");
  }

  idle() {
    hide(find("busy"), firstButton());
    find("stage").removeAttribute("aria-busy");
  }

  say(words) {
    find("status").textContent = words;
  }

  complain(words) {
    find("alert").querySelector("span").textContent = words;
    find("alert").hidden = false;
  }

  calm() {
    hide(find("alert"), firstButton());
  }
}

// Of the bar that is there: that of pictures, or the camera's.
const firstButton = () => find(find("bar").hidden ? "snap" : "choose");

function paint(canvas, source, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
}
