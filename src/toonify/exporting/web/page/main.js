// The page: what a reader does, carried to the studio, the stage and the camera.

import { Live } from "./live.js";
import { keepOffline } from "./offline.js";
import { showCard, showControls, showStyles } from "./panel.js";
import { acceptDrops, given, openPicture, Refused } from "./pictures.js";
import { canShare, download, share } from "./saving.js";
import { hide, Stage } from "./stage.js";
import { Studio } from "./studio.js";

const PAUSE = 120; // milliseconds that a slider rests before a drawing begins
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

const find = (id) => document.getElementById(id);
const on = (id, kind, act) => find(id).addEventListener(kind, act);

class Page {
  constructor(page, stage) {
    this.page = page;
    this.stage = stage;
    this.studio = new Studio(page);
    this.live = new Live(this.studio, stage, () => this.back());
    this.settled = false;
    this.asked = 0; // how many pictures
    this.finished = Promise.resolve();
  }

  begin() {
    find("version").textContent = this.page.version;
    this.nameDetector();
    find("share").hidden = !canShare();
    showStyles(find("styles"), this.page.styles, (style) => this.choose(style));
    this.showPanel();
    this.listen();
    this.attempt(() => this.showFirst());
  }

  // What finds faces is there only if a style draws small ones once more.
  nameDetector() {
    const { faces } = this.page;
    find("detector").hidden = !faces;
    if (faces) find("detector").querySelector("a").href = faces.licence;
  }

  showPanel() {
    showControls(find("controls"), this.studio, {
      change: () => this.redraw(PAUSE),
      mix: (share) => this.stage.strength((this.studio.strength = share)),
    });
    showCard(find("about"), this.studio.style);
  }

  listen() {
    const { studio, stage } = this;
    studio.addEventListener("busy", ({ detail }) => stage.busy(detail));
    studio.addEventListener("idle", () => stage.idle());
    studio.addEventListener("problem", ({ detail }) => stage.complain(detail.message));
    studio.addEventListener("drawn", ({ detail }) => this.drawn(detail));
    on("choose", "click", () => find("file").click());
    on("file", "change", ({ target }) => {
      this.open(target.files[0]);
      target.value = ""; // so that the same file can be chosen again
    });
    on("example", "click", () => this.bring(() => this.example()));
    on("camera", "click", () => this.startLive());
    on("snap", "click", () => this.bring(() => this.live.picture()));
    on("turn", "click", () => this.attempt(() => this.live.turn()));
    on("stop", "click", () => this.back());
    on("cancel", "click", () => this.cancel());
    on("download", "click", () => this.finish(download));
    on("share", "click", () => this.finish(share));
    addEventListener("paste", ({ clipboardData }) => this.receive(clipboardData));
    addEventListener("pagehide", () => this.live.leave());
    acceptDrops((transfer) => this.receive(transfer));
  }

  // The example with its cartoon, drawn when the page was made: something to play with while the engine comes.
  // On a slow network a reader may have opened a picture first, or chosen another style.
  async showFirst() {
    const [first] = this.page.styles;
    const [picture, answer] = await Promise.all([this.example(), fetch(first.example)]);
    const drawn = await createImageBitmap(await answer.blob());
    if (!this.studio.picture && !this.live.on) {
      this.take(picture);
      this.stage.draw(drawn, `The example in the style ${first.name}`);
      this.stage.say("An example. Slide to compare, or open a picture of yours.");
      if (this.studio.style !== first) this.redraw();
    }
    await this.studio.warm();
    document.documentElement.dataset.ready = "yes";
  }

  async example() {
    const blob = await (await fetch(this.page.example)).blob();
    const picture = await openPicture(new File([blob], "example.jpg", { type: "image/jpeg" }));
    return { ...picture, example: true, words: "The example: a portrait of the astronaut Eileen Collins" };
  }

  // A file, or none: a person may leave the dialog.
  open(file) {
    if (file) this.bring(() => openPicture(file));
  }

  // What was dropped or pasted, which may be words, or the address of a picture elsewhere.
  receive(transfer) {
    this.attempt(() => {
      const { file, others } = given(transfer); // what holds no picture takes no picture's place
      this.bring(() => openPicture(file, others));
    });
  }

  // Uses the picture if none was asked for since: a large one takes long to open. And not before a file of what was
  // there is finished.
  bring(open) {
    const number = ++this.asked;
    return this.attempt(async () => {
      const picture = await open().catch((error) => {
        if (this.asked === number) throw error; // else it is not what one waits for
      });
      await this.finished;
      if (this.asked === number) this.use(picture);
      else picture?.bitmap.close();
    });
  }

  startLive() {
    const number = ++this.asked;
    return this.attempt(async () => {
      await this.finished;
      if (this.asked === number) await this.live.start();
    });
  }

  use(picture) {
    this.live.leave();
    this.take(picture);
    this.redraw();
  }

  take(picture) {
    this.stage.calm();
    this.stage.say("");
    this.studio.take(picture);
    this.showPanel();
    this.stage.show(picture.bitmap, picture.words ?? `The photograph ${picture.name}`);
    if (picture.example) hide(find("example"), find("choose"));
    else find("example").hidden = false;
  }

  choose(style) {
    this.stage.calm();
    this.studio.style = style;
    this.showPanel();
    this.redraw();
  }

  redraw(wait = 0) {
    this.forget();
    if (!this.studio.picture || this.live.on) return;
    const waiting = (this.waiting = setTimeout(async () => {
      await this.finished; // a file that was asked for before
      if (this.waiting === waiting && !this.live.on) this.studio.draw();
    }, wait));
  }

  // What was to be drawn anew.
  forget() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
  }

  drawn({ bitmap, milliseconds }) {
    const { picture, style } = this.studio;
    this.stage.draw(bitmap, `The cartoon in the style ${style.name}`);
    const seconds = (milliseconds / 1000).toFixed(1);
    const told = `${picture.width} × ${picture.height} pixels, drawn in ${seconds} s. Slide to compare.`;
    this.stage.say([told, ...(picture.notes ?? [])].join(" "));
    this.settle();
  }

  // Once a cartoon is there: keep the page for times without a network, and see whether a graphics card does better.
  async settle() {
    if (!this.settled) keepOffline(this.page);
    this.settled = true;
    find("backend").textContent = await this.studio.prove();
  }

  cancel() {
    this.forget();
    this.studio.stop();
    this.stage.say("Cancelled.");
  }

  back() {
    this.live.leave();
    const { picture } = this.studio;
    if (picture) this.use(picture);
  }

  async finish(hand) {
    if (!this.studio.picture) return;
    this.forget(); // what was chosen is drawn for the file
    const finishing = this.finished.then(() => this.studio.finish());
    this.finished = finishing.catch(() => {}); // told by whoever asked for it
    const file = await finishing;
    if (file) await hand(file);
  }

  async attempt(act) {
    try {
      await act();
    } catch (problem) {
      this.stage.complain(problem instanceof Refused ? problem.message : `That did not work: ${problem.message}`);
    }
  }
}

function works() {
  const parts = globalThis.WebAssembly && globalThis.DecompressionStream && globalThis.OffscreenCanvas;
  return Boolean(parts) && WebAssembly.validate(new Uint8Array(SIMD));
}

async function start() {
  const stage = new Stage();
  if (!works()) {
    stage.complain(
      "This browser is too old to draw: it lacks WebAssembly with SIMD. Firefox, Chrome, Edge and Safari have it since 2023.",
    );
    for (const button of document.querySelectorAll(".bar button")) button.disabled = true;
    return;
  }
  try {
    const answer = await fetch("page.json", { credentials: "same-origin" });
    new Page(await answer.json(), stage).begin();
  } catch {
    stage.complain("The page did not load in full. Reload it to try again.");
  }
}

start();
