addEventListener("input", ({ target }) => {
  target.parentElement.style.setProperty("--at", `${target.value}%`);
});
