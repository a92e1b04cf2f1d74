// The view of gradreel.explore.widget: a canvas, sliders, buttons and the numbers on screen.
// It asks for a state, and draws the patches that come back; at most one request is on its way.
const minus = (text) => String(text).replace(/(^|e|\W)-(?=[\d.])/g, "$1−");
const STYLE = `
.gradreel { max-width: 64rem; font: .95rem/1.45 system-ui, sans-serif; }
.gradreel .stage { position: relative; }
.gradreel canvas { display: block; width: 100%; border-radius: .4rem; touch-action: none; }
.gradreel .row { display: grid; grid-template-columns: 6rem 1fr 6rem; gap: .6rem; align-items: center; }
.gradreel .bar { display: flex; flex-wrap: wrap; gap: .5rem; margin: .4rem 0; }
.gradreel .box { position: absolute; border: 2px solid #ffb000; border-radius: .3rem; pointer-events: none; }
.gradreel .tip { position: absolute; max-width: 20rem; padding: .2rem .5rem; border-radius: .4rem; background: #17212c; color: #f4f1ea; font-size: .85rem; pointer-events: none; }
.gradreel td { padding: .1rem .5rem; text-align: left; }`;

function element(tag, text = "", more = {}, children = []) {
  const made = Object.assign(document.createElement(tag), { textContent: text }, more);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  const canvas = element("canvas", "", { width: 1280, height: 720, tabIndex: 0 });
  const context = canvas.getContext("2d"), stage = element("div", "", { className: "stage" }, [canvas]);
  const [sliders, buttons, problem, table] = [element("div"), element("div", "", { className: "bar" }), element("p", "", { role: "alert" }), element("tbody")];
  canvas.setAttribute("role", "img");
  el.append(element("div", "", { className: "gradreel" }, [element("style", STYLE), stage, sliders, buttons, problem,
    element("details", "", {}, [element("summary", "Numbers on screen, and where they come from"), element("table", "", {}, [table])])]));
  const s = { drags: [], presses: [], step: -1, values: {}, pressed: [], numbers: [], inFlight: false, again: false, whole: true };

  function show() {
    if (s.inFlight) { s.again = true; return; }
    s.inFlight = true; s.again = false;
    model.send({ do: "show", step: s.step, values: s.values, pressed: s.pressed, whole: s.whole });
  }
  function set(drag, value) {
    s.values = { ...s.values, [drag.name]: Math.min(Math.max(value, drag.low), drag.high) };
    drag.tell(s.values[drag.name]);
    show();
  }
  function press(pressed) { s.pressed = pressed; show(); }

  function ready({ controls, claim }) {
    const onBoard = controls.board >= 0;
    s.step = onBoard ? controls.board : controls.opens_at;
    s.drags = controls.drags.filter((drag) => drag.board === onBoard);
    sliders.replaceChildren(...s.drags.map((drag) => {
      const output = element("output");
      const input = drag.names.length
        ? element("select", "", { onchange: () => set(drag, Number(input.value)) }, drag.names.map((name, k) => element("option", name, { value: k })))
        : element("input", "", { type: "range", min: drag.low, max: drag.high, step: drag.step, oninput: () => set(drag, Number(input.value)) });
      input.setAttribute("aria-label", drag.label);
      input.dataset.drag = drag.name;
      drag.tell = (value) => {
        const text = minus(drag.log ? (10 ** value).toPrecision(3) : +value.toFixed(4));
        input.value = value; output.textContent = drag.names.length ? "" : text;
        input.setAttribute("aria-valuetext", `${drag.label} = ${text}`);
      };
      return element("label", "", { className: "row" }, [element("span", drag.label), input, output]);
    }));
    buttons.replaceChildren(...(onBoard ? controls.presses : []).map(({ label }) => element("button", label, { onclick: () => press([...s.pressed, label]) })));
    if (buttons.childElementCount) buttons.append(element("button", "Undo", { onclick: () => press(s.pressed.slice(0, -1)) }), element("button", "Reset", { onclick: () => press([]) }));
    canvas.setAttribute("aria-label", claim);
    s.inFlight = false; s.whole = true;
    show();
  }
  function draw(message, buffers) {
    const [width, height] = message.size;
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    message.patches.forEach(([x, y, w, h], k) => {
      const view = buffers[k], bytes = new Uint8ClampedArray(view.buffer ?? view, view.byteOffset ?? 0, w * h * 4);
      context.putImageData(new ImageData(new Uint8ClampedArray(bytes), w, h), x, y);
    });
    s.inFlight = false; s.whole = false; s.numbers = message.shown.numbers;
    problem.textContent = "";
    canvas.dataset.drawn = Number(canvas.dataset.drawn || 0) + 1;
    for (const drag of s.drags) if (!(drag.name in s.values) && drag.name in message.shown.values) drag.tell(message.shown.values[drag.name]);
    table.replaceChildren(...s.numbers.map((one) => element("tr", "", { tabIndex: 0, onfocus: () => point(one), onblur: unpoint, onmouseenter: () => point(one), onmouseleave: unpoint },
      [element("td", minus(one.text)), element("td", one.source)])));
    if (s.again) show();
  }

  function positionOf(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  }
  const tracks = () => s.drags.filter((drag) => drag.track);
  const onTrack = ([px, py]) => tracks().some(({ track: [x0, y0, x1, y1] }) => px >= Math.min(x0, x1) - 12 && px <= Math.max(x0, x1) + 12 && py >= Math.min(y0, y1) - 12 && py <= Math.max(y0, y1) + 12);
  function dragTo([px, py]) {
    for (const drag of tracks()) {
      const [x0, y0, x1, y1] = drag.track;
      set(drag, drag.low + (drag.axis === "x" ? (px - x0) / (x1 - x0) : (py - y0) / (y1 - y0)) * (drag.high - drag.low));
    }
  }
  canvas.onpointerdown = (event) => { const p = positionOf(event); if (onTrack(p)) { canvas.setPointerCapture(event.pointerId); dragTo(p); } };
  canvas.onpointermove = (event) => {
    const p = positionOf(event);
    if (canvas.hasPointerCapture(event.pointerId)) { dragTo(p); return; }
    const under = s.numbers.find(({ box: [l, t, r, b] }) => p[0] >= l - 4 && p[0] <= r + 4 && p[1] >= t - 4 && p[1] <= b + 4);
    if (under) point(under); else unpoint();
  };
  canvas.onpointerleave = unpoint;
  function point({ text, value, source, box: [left, top, right, bottom] }) {
    unpoint();
    const percent = (v, of) => 100 * v / of + "%";
    const box = element("div", "", { className: "box" }), tip = element("div", `${minus(text)} = ${minus(value)}: ${source}`, { className: "tip" });
    Object.assign(box.style, { left: percent(left - 4, canvas.width), top: percent(top - 4, canvas.height), width: percent(right - left + 8, canvas.width), height: percent(bottom - top + 8, canvas.height) });
    Object.assign(tip.style, { left: percent(Math.min(left, canvas.width * .65), canvas.width), top: percent(bottom + 8, canvas.height) });
    stage.append(box, tip);
  }
  function unpoint() { stage.querySelectorAll(".box, .tip").forEach((one) => one.remove()); }

  function receive(message, buffers) {
    if (message.kind === "ready") ready(message);
    else if (message.kind === "picture") draw(message, buffers);
    else { s.inFlight = false; problem.textContent = message.message; if (s.again) show(); }
  }
  model.on("msg:custom", receive);
  model.send({ do: "describe" });
  return () => model.off("msg:custom", receive);
}

export default { render };
