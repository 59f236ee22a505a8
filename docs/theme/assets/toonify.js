// The picture of the front page shows, from left to right, photograph, cartoon, photograph, cartoon. Where scripts run,
// each pair becomes a slider.
const picture = document.querySelector(".front img[src*='before-after']");
if (picture) {
  const pairs = [["Eileen Collins, photographed and drawn", 0], ["Chelsea the cat, photographed and drawn", 2]];
  const sliders = document.createElement("div");
  sliders.className = "reveals";
  for (const [label, first] of pairs) {
    const slider = sliders.appendChild(document.createElement("div"));
    slider.className = "reveal";
    for (const tile of [first, first + 1]) {
      const half = slider.appendChild(document.createElement("div"));
      half.style.backgroundImage = `url("${picture.src}")`;
      half.style.setProperty("--tile", tile);
    }
    const range = slider.appendChild(document.createElement("input"));
    Object.assign(range, { type: "range", min: 0, max: 100, value: 50, ariaLabel: label });
    range.addEventListener("input", () => {
      slider.classList.add("moved");
      slider.style.setProperty("--at", `${range.value}%`);
    });
  }
  picture.closest("p").replaceWith(sliders);
}

// `--style comic` is not broken after its hyphens.
for (const code of document.querySelectorAll(".md-typeset :is(p, li, a) > code")) {
  if (code.textContent.length < 28) code.classList.add("short");
}
