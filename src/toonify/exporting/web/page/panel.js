// The chooser of styles, the sliders of one, and its card. All of it is data of page.json; text stays text.

const STEPS = 40; // of a slider, from end to end

// An element with attributes and children: `make("a", { href }, "text")`.
function make(kind, attributes = {}, ...children) {
  const element = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Puts other things into a place. The focus stays on what has the same name, or else goes to the first in there: whoever
// uses keys may be in it.
function refill(place, ...parts) {
  const { id } = document.activeElement;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...parts);
  const heir = document.getElementById(id) ?? place.querySelector("input, summary");
  if (focused) heir.focus({ preventScroll: true });
}

// Radio buttons with a picture each; `choose(style)` hears which.
export function showStyles(place, styles, choose) {
  const cards = styles.map((style, number) => {
    const button = make("input", { type: "radio", name: "style", value: number });
    button.checked = number === 0;
    button.addEventListener("change", () => choose(style));
    const picture = make("img", { src: style.thumbnail, alt: "", width: 192, height: 192 });
    return make("label", { class: "style", title: style.description }, button, picture, make("span", {}, style.name));
  });
  place.append(make("div", {}, ...cards));
}

// `change()` is called while a slider moves, when a drawing has to be made anew; `mix()` when only the strength did.
export function showControls(place, studio, { change, mix }) {
  const strength = { minimum: 0, maximum: 1, default: 1, description: "how much of the cartoon to mix in" };
  const rows = [slider("strength", strength, studio.strength, (value) => mix(value))];
  for (const [name, control] of Object.entries(studio.style.controls)) {
    rows.push(slider(name, control, studio.controls[name], (value) => {
      studio.controls[name] = value;
      change();
    }));
  }
  if (studio.reduces) rows.push(everyPixel(studio, change));
  const reset = make("button", { type: "button", id: "reset", class: "plain reset" }, "Back to how it was");
  reset.addEventListener("click", () => {
    for (const [name, control] of Object.entries(studio.style.controls)) studio.controls[name] = control.default;
    studio.everyPixel = false;
    mix(1);
    showControls(place, studio, { change, mix });
    change();
  });
  refill(place, place.querySelector("legend"), ...rows, reset);
}

function slider(name, control, value, change) {
  const { minimum, maximum } = control;
  const id = `control-${name}`;
  const shown = make("output", { for: id, "aria-live": "off" }); // screen readers tell the slider's own value
  const range = make("input", {
    type: "range", id, min: minimum, max: maximum, step: (maximum - minimum) / STEPS, "aria-describedby": `${id}-is`,
  });
  range.value = value;
  const tell = () => {
    const value = Number(range.value);
    shown.textContent = String(Math.round(value * 100) / 100);
    range.style.setProperty("--fill", `${(100 * (value - minimum)) / (maximum - minimum)}%`);
  };
  tell();
  range.addEventListener("input", () => {
    tell();
    change(Number(range.value));
  });
  const label = make("label", { for: id }, name.replaceAll("_", " "), shown);
  return make("div", { class: "control" }, label, range, make("small", { id: `${id}-is` }, control.description));
}

function everyPixel(studio, change) {
  const box = make("input", { type: "checkbox", id: "every-pixel" });
  box.checked = studio.everyPixel;
  box.addEventListener("change", () => {
    studio.everyPixel = box.checked;
    change();
  });
  const words = make("small", {}, "draws every pixel of a large picture: thinner lines, takes longer");
  return make("label", { class: "check" }, box, make("span", {}, "Fine lines", words));
}

function bestSize({ detail, enlarge }) {
  if (!detail) return "every size";
  return `${detail} × ${detail} pixels${enlarge > 1 ? `; smaller pictures are enlarged up to ${enlarge} times` : ""}`;
}

// What the style is, its licence, and whose pictures it was made from.
export function showCard(place, style) {
  const facts = [
    ["Licence", style.licence],
    ["Drawn best at", bestSize(style)],
    ["Size", `${(style.network.bytes / 1e6).toFixed(1)} MB`],
  ];
  const list = make("dl", {}, ...facts.flatMap(([name, fact]) => [make("dt", {}, name), make("dd", {}, fact)]));
  const sources = style.sources.map(({ name = "unnamed", licence, url }) => {
    const linked = /^https?:\/\//.test(url) ? make("a", { href: url, rel: "noopener noreferrer" }, name) : name;
    return make("li", {}, linked, licence ? ` (${licence})` : "");
  });
  const parts = [make("p", {}, style.description), list];
  if (style.painter) {
    parts.push(make("p", {}, `Drawn with “toonify convert”, faces and the like are painted anew by the painter “${style.painter}”, which is not on this page.`));
  }
  if (style.close_up) {
    parts.push(make("p", {}, "Small faces in photographs are drawn once more, from closer by; not those of the camera, live."));
  }
  if (sources.length) parts.push(make("strong", {}, "Learnt from"), make("ul", { tabindex: 0 }, ...sources));
  parts.push(make("p", {}, "The licence is the style's. The pictures that you make with it are yours."));
  refill(place, make("summary", {}, `About the style ${style.name}`), ...parts);
}
