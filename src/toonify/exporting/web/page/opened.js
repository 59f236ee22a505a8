// Browsers load modules from servers alone. Opened as a file, the page would stand still; this, which is no module, says why.
if (location.protocol === "file:") {
  const alert = document.getElementById("alert");
  alert.querySelector("span").textContent =
    "Opened as a file, this page cannot draw: browsers load its parts only from a server. " +
    "Run “python3 -m http.server” in its folder, then open http://localhost:8000.";
  alert.querySelector("button").hidden = true;
  alert.hidden = false;
}
