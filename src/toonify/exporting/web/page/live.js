// The camera's pictures on the stage, one after the other, until it is left.

import { Camera } from "./camera.js";

const find = (id) => document.getElementById(id);

export class Live {
  constructor(studio, stage) {
    this.studio = studio;
    this.stage = stage;
    this.camera = new Camera(find("video"));
  }

  get on() {
    return this.camera.live;
  }

  // Raises `Refused` if there is no camera, or it is not allowed.
  async start() {
    this.stage.calm();
    this.studio.stop();
    await this.camera.start();
    this.switch(true);
    this.look();
  }

  leave() {
    this.camera.stop();
    this.switch(false);
    this.stage.mirror(false);
  }

  // What it sees now, at full size; the camera is left.
  async picture() {
    const bitmap = await this.camera.look();
    this.leave();
    return { bitmap, name: "camera", type: "image/jpeg" };
  }

  turn() {
    return this.camera.turn();
  }

  switch(on) {
    find("bar").hidden = on;
    find("livebar").hidden = !on;
  }

  async look() {
    let pace = 0;
    while (this.on) {
      const began = performance.now();
      try {
        await this.once();
      } catch (problem) {
        if (this.on) this.studio.complain(problem);
        return this.leave();
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
