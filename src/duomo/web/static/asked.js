// What the shopper asks with beside the words: which part of the photo is meant, and what counts more.

import { drawing, parsed } from "./box.js";
import { byId, h } from "./dom.js";
import { language, t } from "./words.js";

export const PARTS = ["words", "picture", "like"]; // as the shop weighs them
const MIDDLE = "0.25,0.25,0.5,0.5"; // where a box is put that nobody has drawn yet
const [LEAST, MOST, STEP] = [0.1, 2, 0.1]; // of a weight; 1 is what each counts by itself

/** The parts that are asked with; only several can be weighed. */
export const parts = (state) => PARTS.filter((name) => ({ words: state.q, picture: state.picture, like: state.like })[name]);

/** What is weighed otherwise than by 1, for the shop. */
export function weightsOf(state) {
  const weighed = parts(state).filter((name) => state[`w.${name}`]);
  return parts(state).length > 1 ? Object.fromEntries(weighed.map((name) => [name, held(state[`w.${name}`])])) : {};
}

const held = (text) => Math.min(Math.max(Number(text) || 1, LEAST), MOST);

/** The panel; change(fields, {replace}) is called with what the shopper chose. */
export function panel(change) {
  const [box, regions, weights] = ["asked", "regions", "weights"].map(byId);
  const frame = byId("frame");
  const show = drawing(byId("photo"), frame, (text) => change({ box: text }, { replace: true }));
  regions.addEventListener("change", (event) => {
    change({ box: { whole: "", main: "main", part: MIDDLE }[event.target.value] });
  });

  /** Bring it in line with the state; `found` is the box that the shop used, where it chose one itself. */
  return function draw(state, uri, found = "") {
    byId("region").hidden = !uri;
    if (uri) {
      if (byId("photo-picture").src !== uri) byId("photo-picture").src = uri;
      const kind = state.box === "main" ? "main" : parsed(state.box) ? "part" : "whole";
      regions.querySelector(`[value=${kind}]`).checked = true;
      frame.classList.toggle("found", kind === "main");
      show(parsed(kind === "main" ? found : state.box));
    }
    const several = parts(state).length > 1;
    weights.hidden = !several;
    if (several && !weights.contains(document.activeElement)) byId("sliders").replaceChildren(...parts(state).map((name) => slider(name, state, change)));
    box.hidden = !uri && !several;
  };
}

function slider(name, state, change) {
  const said = (value) => t("weights.value", { n: Number(value).toLocaleString(language) });
  const value = held(state[`w.${name}`]);
  const shown = h("output", {}, said(value));
  const tell = ({ target }) => {
    shown.textContent = said(target.value);
    target.setAttribute("aria-valuetext", said(target.value));
  };
  return h("label", {}, h("span", {}, t(`weights.${name}`)),
    h("input", {
      type: "range", min: LEAST, max: MOST, step: STEP, value, "aria-valuetext": said(value), input: tell,
      change: ({ target }) => change({ [`w.${name}`]: Number(target.value) === 1 ? "" : target.value }, { replace: true }),
    }), shown);
}
