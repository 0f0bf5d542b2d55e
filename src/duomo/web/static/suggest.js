// What somebody who types may be about to ask, in a list under the search field (ARIA: combobox with a listbox).
// It only ever helps: where the shop has no answer, or a late one, there is no list and no word about it.

import * as api from "./api.js";
import { byId, h } from "./dom.js";
import { language, number, t, tn } from "./words.js";

const PAUSE = 100; // milliseconds without a key before the shop is asked
const [MOST, MOST_NARROW] = [8, 5]; // suggestions; on a phone what the keyboard leaves
const NARROW = matchMedia("(max-width: 860px)");
const FINGER = matchMedia("(pointer: coarse)");

/** Suggests under `field`; take(text) is called with what the shopper picked. Returns what shuts the list. */
export function suggesting(field, take) {
  const [box, list, read, told] = ["suggested", "suggestions", "suggested-read", "suggested-told"].map(byId);
  let asking = new AbortController();
  let waiting = 0;
  let active = -1; // the option that the arrow keys are at; -1: the field itself

  const isOpen = () => !box.hidden;

  function mark(place) {
    active = place;
    for (const [at, option] of [...list.children].entries()) option.setAttribute("aria-selected", at === place);
    const option = list.children[place];
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(waiting);
    asking.abort();
    box.hidden = true;
    told.textContent = "";
    field.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function pick(text) {
    close();
    take(text);
  }

  function open({ suggestions, read_as: repaired }) {
    list.replaceChildren(...suggestions.map((each, at) => option(each, at, pick)));
    read.textContent = repaired ? t("suggest.read", { text: repaired }) : "";
    read.hidden = !repaired;
    told.textContent = [read.textContent, tn("suggest.told", suggestions.length)].filter(Boolean).join(" ");
    box.hidden = false;
    box.scrollTop = 0;
    field.setAttribute("aria-expanded", "true");
    mark(-1);
  }

  async function ask() {
    asking.abort(); // an answer that comes late is one to other words
    const { signal } = (asking = new AbortController());
    const text = field.value.trim();
    if (!text) return close();
    try {
      const answer = await api.suggest(text, NARROW.matches ? MOST_NARROW : MOST, signal);
      if (signal.aborted) return;
      if (answer.suggestions.length && document.activeElement === field) open(answer);
      else close();
    } catch {
      if (!signal.aborted) close();
    }
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  }

  // Pinyin that is still being turned into characters is no question yet. Keyboards of phones compose Latin words
  // in the same way and end that with a blank only: there whoever reads English is not kept waiting.
  const composes = (event) => event.isComposing && !(FINGER.matches && !language.startsWith("zh"));

  field.addEventListener("input", (event) => {
    asking.abort();
    clearTimeout(waiting);
    if (composes(event)) close();
    else later();
  });
  field.addEventListener("compositionend", later);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) { // the key is for the input method; 229: Safari says it so
      if (event.key === "Enter" && !FINGER.matches) event.preventDefault();
      return;
    }
    const size = list.children.length + 1; // with the field itself
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && isOpen()) mark(((active + 1 + step + size) % size) - 1);
    else if (step && field.value.trim()) ask();
    else if (event.key === "Enter" && isOpen() && active >= 0) pick(list.children[active].dataset.text);
    else if (event.key === "Escape" && isOpen()) {
      event.stopPropagation();
      close();
    } else return; // the field's own
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  box.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the field's focus, and a phone's keyboard
  return close;
}

function option({ text, kind, count, matched }, at, pick) {
  return h("li", { role: "option", id: `suggestion-${at}`, "aria-selected": "false", "data-text": text, click: () => pick(text) },
    h("span", { class: "name" }, ...marked(text, matched)), " ",
    h("small", {}, t(`suggest.${kind}`)), " ",
    h("span", { class: "n", "aria-hidden": "true" }, number(count)), h("span", { class: "unseen" }, tn("total", count)));
}

/** The text with what was typed in bold; places are counted in whole characters, as the shop does. */
function marked(text, stretches) {
  const letters = [...text];
  const part = (start, end) => letters.slice(start, end).join("");
  const parts = [];
  let done = 0;
  for (const [start, end] of stretches) {
    parts.push(part(done, start), h("b", {}, part(start, end)));
    done = end;
  }
  return [...parts, part(done)];
}
