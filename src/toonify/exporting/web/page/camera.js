// The camera: its pictures drawn live, as fast and as fine as the device manages.

import { Refused } from "./pictures.js";

const AIM = 110; // milliseconds for a picture
const LEAST = 128 * 96; // pixels

const REFUSALS = {
  NotAllowedError: "The camera was not allowed. Allow it in the browser's settings for this page, then try again.",
  NotFoundError: "There is no camera on this device. A picture from a file works as well.",
  OverconstrainedError: "This device has no camera that faces that way.",
  NotReadableError: "The camera is in use by another program. Close that, then try again.",
};

const end = (stream) => stream?.getTracks().forEach((track) => track.stop());

export class Camera {
  constructor(video) {
    this.video = video;
    this.facing = "user";
    this.pixels = 320 * 240;
  }

  get live() {
    return Boolean(this.stream);
  }

  // Whether it is on: it may be stopped before it has started. `ended` hears if it is taken away.
  async start(ended) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Refused("This browser gives no camera to this page: that takes an address with https.");
    }
    const starting = (this.starting = {});
    const isWanted = () => this.starting === starting;
    try {
      const wanted = { video: { facingMode: this.facing, width: { ideal: 1920 }, height: { ideal: 1080 } } };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      if (isWanted()) await this.show(stream, ended);
      else end(stream);
    } catch (problem) {
      if (isWanted()) throw new Refused(REFUSALS[problem.name] ?? "The camera could not be started.");
    }
    if (!isWanted()) return false;
    this.starting = undefined;
    return true;
  }

  async show(stream, ended) {
    this.stream = this.video.srcObject = stream;
    stream.getVideoTracks()[0].onended = ended; // by a plug, or the browser's settings; not by `stop`
    await this.video.play();
  }

  stop() {
    this.starting = undefined;
    end(this.stream);
    this.stream = undefined;
    this.video.srcObject = null;
  }

  // Many a phone opens one camera at a time: this one is left before the other is started.
  turn() {
    this.facing = this.facing === "user" ? "environment" : "user";
    this.stop();
  }

  // What the camera sees now, at its full size.
  look() {
    return createImageBitmap(this.video);
  }

  // A copy for the style to draw live; its size follows how long the last ones took.
  smaller(seen, style) {
    const { width: wide, height: high } = seen;
    const most = style.detail ? style.detail ** 2 : wide * high;
    const scale = Math.min(style.enlarge, Math.sqrt(Math.min(this.pixels, most) / (wide * high)));
    const side = (length) => Math.max(1, Math.round((length * scale) / style.multiple)) * style.multiple;
    return createImageBitmap(seen, {
      resizeWidth: side(wide), resizeHeight: side(high), resizeQuality: "medium",
    });
  }

  took(milliseconds) {
    const change = Math.min(1.5, Math.max(0.6, AIM / Math.max(milliseconds, 1)));
    this.pixels = Math.min(2 ** 20, Math.max(LEAST, this.pixels * Math.sqrt(change)));
  }
}
