// The camera's pictures on the stage, one after the other, until it is left.

import { Camera } from "./camera.js";
import { Refused } from "./pictures.js";
import { hide } from "./stage.js";

const find = (id) => document.getElementById(id);

export class Live {
  // `back()` shows what was there before the camera.
  constructor(studio, stage, back) {
    this.studio = studio;
    this.stage = stage;
    this.back = back;
    this.camera = new Camera(find("video"));
  }

  get on() {
    return this.camera.live;
  }

  // Raises `Refused` if there is no camera, or it is not allowed.
  async start() {
    if (this.camera.starting) return; // a second click, while the browser asks for leave
    this.stage.calm();
    this.studio.stop();
    try {
      if (!(await this.camera.start(() => this.taken()))) return;
    } catch (problem) {
      this.leave();
      throw problem;
    }
    this.switch(true);
    this.look();
  }

  // Not by this page.
  taken() {
    this.back();
    this.stage.complain("The camera was switched off. Connect or allow it, then try again.");
  }

  leave() {
    this.camera.stop();
    this.switch(false);
    this.stage.mirror(false);
  }

  // What it sees now, at full size; the camera is left.
  async picture() {
    if (!this.on) throw new Refused("The camera is not there yet.");
    const bitmap = await this.camera.look();
    this.leave();
    return { bitmap, name: "camera", type: "image/jpeg" };
  }

  turn() {
    if (!this.camera.starting) this.camera.turn();
    return this.start();
  }

  switch(on) {
    const [gone, there, button] = on ? ["bar", "livebar", "snap"] : ["livebar", "bar", "camera"];
    find(there).hidden = false;
    hide(find(gone), find(button));
    find("status").setAttribute("aria-live", on ? "off" : "polite"); // it tells of every picture
  }

  // Until its stream ends: another one, of the camera that was turned to, is looked at anew.
  async look() {
    const { stream } = this.camera;
    const goesOn = () => this.camera.stream === stream;
    let pace = 0;
    while (goesOn()) {
      const began = performance.now();
      try {
        await this.once();
      } catch (problem) {
        if (!goesOn()) return;
        this.back();
        return this.studio.complain(problem);
      }
      const took = performance.now() - began;
      this.camera.took(took);
      pace = pace ? 0.9 * pace + 0.1 * took : took;
      if (this.on) find("status").textContent = `Live: ${(1000 / pace).toFixed(1)} pictures a second`;
      await new Promise(requestAnimationFrame);
    }
  }

  async once() {
    const { camera, studio, stage } = this;
    const seen = await camera.look();
    const { bitmap } = await studio.frame(await camera.smaller(seen, studio.style));
    if (this.on) stage.live(seen, bitmap, camera.facing === "user");
    seen.close();
  }
}
