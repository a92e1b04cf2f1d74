// <gradreel-player manifest="Scene.json"> around a <video>: the caption below the picture, a slider
// with the numbers at its position, and a button for each beat. Without scripts the video remains.
"use strict";
(() => {
const STYLE = `
:host { display: block; max-width: 100%; font: inherit; line-height: 1.4; }
::slotted(video) { display: block; width: 100%; height: auto; }
.caption { min-height: 2.8em; margin: .4em 0; text-align: center; }
.scrub { display: grid; grid-template-columns: 1fr; gap: .2em; }
input { width: 100%; min-height: 2em; margin: 0; }
output { display: flex; flex-wrap: wrap; gap: 0 1.2em; min-height: 1.4em; font-variant-numeric: tabular-nums; font-weight: 600; }
ul { display: flex; flex-wrap: wrap; gap: .4em; margin: .4em 0; padding: 0; list-style: none; }
li { margin: 0; }
button { padding: .25em .6em; border: 1px solid currentColor; border-radius: .4em; background: transparent; color: inherit; font: inherit; font-size: .9em; cursor: pointer; }
button[aria-current=true] { outline: 2px solid currentColor; }
[hidden] { display: none; }`;

function element(tag, more = {}) {
  return Object.assign(document.createElement(tag), more);
}
// Films write a minus sign, not a hyphen.
function withMinusSign(text) {
  return String(text).replace(/(^|e|\W)-(?=[\d.])/g, "$1−");
}

class GradreelPlayer extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" }).append(element("style", { textContent: STYLE }), element("slot"));
    // A parser connects an element before it has read what is in it.
    const ready = () => this.load().catch((error) => console.warn(`gradreel-player: ${error.message}`));
    document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", ready) : ready();
  }

  async load() {
    const inside = this.querySelector('script[type="application/json"]');
    this.video = this.querySelector("video");
    if (!this.video) throw new Error("there is no <video> in it");
    if (inside) return this.build(JSON.parse(inside.textContent));
    const answer = await fetch(this.getAttribute("manifest"));
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
    this.build(await answer.json());
  }

  build(scene) {
    this.scene = scene;
    this.caption = element("p", { className: "caption", hidden: scene.captions_drawn || !scene.captions.length });
    this.slider = element("input", { type: "range", min: 0, max: scene.seconds, step: "any", value: 0 });
    this.slider.setAttribute("aria-label", "Position");
    this.numbers = element("output", { hidden: !scene.sweep?.times.length });
    const scrub = element("div", { className: "scrub" });
    scrub.append(this.slider, this.numbers);
    const beats = element("ul");
    this.buttons = scene.beats.map((beat) => {
      const button = element("button", { type: "button", textContent: beat.name });
      button.onclick = () => { this.video.currentTime = beat.start + 0.001; this.video.play().catch(() => {}); };
      beats.appendChild(element("li")).append(button);
      return button;
    });
    this.shadowRoot.append(this.caption, scrub, beats);
    this.slider.oninput = () => { this.video.pause(); this.video.currentTime = +this.slider.value; this.showTime(+this.slider.value); };
    // Slides around the player have keys of their own.
    this.addEventListener("keydown", (event) => event.stopPropagation());
    this.follow();
    this.showTime(this.video.currentTime);
  }

  // The numbers are those of the frame that is shown; where a browser does not tell which one it
  // is, `timeupdate` comes four times a second.
  follow() {
    this.video.addEventListener("seeked", () => this.showTime(this.video.currentTime));
    if (!this.video.requestVideoFrameCallback) {
      this.video.addEventListener("timeupdate", () => this.showTime(this.video.currentTime));
      return;
    }
    const onFrame = (_, { mediaTime }) => {
      if (!this.video.seeking) this.showTime(mediaTime);  // else a frame from before the slider was moved
      this.video.requestVideoFrameCallback(onFrame);
    };
    this.video.requestVideoFrameCallback(onFrame);
  }

  showTime(time) {
    const { beats, captions, sweep, seconds } = this.scene;
    const beat = beats.findLastIndex((b) => b.start <= time + 1e-6);
    this.buttons.forEach((button, k) => button.setAttribute("aria-current", k === beat));
    this.slider.value = time;
    this.slider.setAttribute("aria-valuetext", `${time.toFixed(1)} of ${seconds.toFixed(1)} seconds`);
    const text = captions.find((c) => c.start <= time + 1e-6 && time < c.end)?.text ?? "";
    if (this.caption.textContent !== text) this.caption.textContent = text;
    if (!sweep?.times.length) return;
    const k = Math.max(sweep.times.findLastIndex((t) => t <= time + 1e-6), 0);
    this.numbers.replaceChildren(...Object.entries(sweep.readings).map(
      ([name, row]) => element("span", { textContent: `${name} = ${withMinusSign(row[k])}` })));
  }
}
if (!customElements.get("gradreel-player")) customElements.define("gradreel-player", GradreelPlayer);
})();
