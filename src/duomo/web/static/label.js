// Labelling by keyboard alone: a question on the left, labels with their keys on the right.

import { ask } from "./api.js";
import { byId, h } from "./dom.js";
import { label as columnName, number, t } from "./words.js";

const FEW = 10; // labels that are all shown, in an order that stays
const SHOWN = 9; // of more, as many likely ones
const KEPT_NAME = "duomo-label-by";
const UNSEEN_MS = 200; // a key pressed sooner was not meant for this question: nobody has seen it yet
const PATIENCE_MS = 30_000; // for an answer of the server
const keyboard = matchMedia("(pointer: fine)").matches; // else the field would call up one on the screen

let by = new URLSearchParams(location.search).get("by") ?? localStorage.getItem(KEPT_NAME) ?? "";
let question = null;
let labels = [];
let options = []; // what is shown now: { label, isNew }
let marked = -1;
let since = 0;
let busy = false;

const find = byId("find");
const task = byId("task");

const send = (path, options = {}) => ask(path, { headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang }, signal: AbortSignal.timeout(PATIENCE_MS), ...options });
const post = (path, body) => send(path, { method: "POST", body: JSON.stringify(body) });
const query = (fields) => new URLSearchParams(fields).toString();

/** Do something that the server answers; a failure is told and nothing is lost: the question stays. */
async function attempt(work, { saving = false } = {}) {
  if (busy) return;
  busy = true;
  task.setAttribute("aria-busy", "true");
  try {
    await work();
    byId("trouble").hidden = true;
  } catch (problem) {
    const why = [problem.message, ...(problem.said ?? [])].join(/^zh/.test(document.documentElement.lang) ? "，" : ". ");
    byId("trouble").textContent = saving ? t("saved.not", { why }) : why;
    byId("trouble").hidden = false;
    if (!question) byId("progress").textContent = "";
  } finally {
    busy = false;
    task.removeAttribute("aria-busy");
  }
}

function show(asked) {
  ({ question, labels } = asked);
  byId("progress").textContent = t("progress", { n: number(asked.labelled), all: number(asked.things), mine: number(asked.mine) });
  byId("bar").style.width = `${(100 * asked.labelled) / Math.max(asked.things, 1)}%`;
  task.hidden = !question;
  byId("done").hidden = Boolean(question);
  if (!question) return;
  find.value = "";
  since = performance.now();
  task.dataset.unseen = "";
  setTimeout(() => delete task.dataset.unseen, UNSEEN_MS);
  const { title, text, picture } = question;
  const image = picture && h("img", { src: picture, alt: title ? t("picture", { title }) : t("picture.plain") });
  if (image) image.addEventListener("error", () => image.replaceWith(h("p", { class: "quiet" }, t("picture.gone"))));
  byId("thing").replaceChildren(...[image, title && h("h2", {}, title), text && h("p", { class: "text" }, text)].filter(Boolean));
  const said = question.answered && (question.own === null ? t("own.none") : t("own", { label: question.own }));
  byId("own").textContent = said || (question.shared ? t("shared") : "");
  offer();
  ready();
}

/** The keys go to the field, so that an input method takes part from the first letter on. */
const ready = () => (keyboard ? find : task).focus({ preventScroll: true });

/** The labels that fit what is typed; without it all of a few, or the likeliest of many. */
function offer() {
  const typed = find.value.trim();
  const small = typed.toLocaleLowerCase();
  const few = labels.length <= FEW;
  const fitting = typed ? question.candidates.filter((each) => each.toLocaleLowerCase().includes(small)) : few ? labels : question.candidates;
  options = fitting.slice(0, few ? FEW : SHOWN).map((label) => ({ label, isNew: false }));
  if (typed && !labels.includes(typed)) options.push({ label: typed, isNew: true });
  marked = typed ? 0 : options.findIndex(({ label }) => label === (question.answered ? question.own : question.expected));
  draw();
}

function draw() {
  const keyed = !find.value; // what is typed on is text, digits included
  const keyOf = (place) => (keyed ? String((place + 1) % 10) : null);
  byId("labels").replaceChildren(
    ...options.map(({ label, isNew }, place) => {
      const guessed = !isNew && !question.answered && label === question.expected && h("em", {}, t("expected"));
      const name = isNew ? t("add", { label }) : label;
      const state = [place === marked && "marked", question.answered && label === question.own && "mine"].filter(Boolean).join(" ");
      const spoken = { role: "option", id: `label-${place}`, "aria-selected": String(place === marked), "aria-keyshortcuts": keyOf(place) };
      return h("li", { ...spoken, class: state, "data-label": label, click: () => choose(place) }, keyed && h("kbd", {}, keyOf(place)), h("span", {}, name), guessed);
    }),
  );
  byId("last-key").textContent = keyOf(options.length - 1) ?? "";
  if (marked < 0) find.removeAttribute("aria-activedescendant");
  else find.setAttribute("aria-activedescendant", `label-${marked}`);
  byId(`label-${marked}`)?.scrollIntoView({ block: "nearest" });
}

/** Say a label of the thing that is shown; null: it cannot be told. */
function answer(label, isNew = false) {
  if (!question || "unseen" in task.dataset) return;
  const { id } = question;
  const seconds = (performance.now() - since) / 1000;
  const said = async () => (isNew ? (await post("/v1/label/labels", { by, label })).label : label);
  attempt(async () => show(await post("/v1/label/answers", { by, id, label: await said(), seconds })), { saving: true });
}

function choose(place) {
  const option = options[place];
  if (option) answer(option.label, option.isNew);
}

function back() {
  attempt(async () => {
    const before = question?.answered ? { before: question.id } : {};
    const asked = await send(`/v1/label/back?${query({ by, ...before })}`);
    if (asked.question) show(asked);
  });
}

function move(step) {
  if (!options.length) return;
  marked = marked < 0 ? (step > 0 ? 0 : options.length - 1) : (marked + step + options.length) % options.length;
  draw();
}

/** What a key does; a held one does it once, but for the moves of the mark. Nothing: it is text. */
function doing(event) {
  const key = event.key.normalize("NFKC"); // digits of full width are digits
  const typed = find.value !== "";
  if (key === "ArrowDown") return () => move(1);
  if (key === "ArrowUp") return () => move(-1);
  if (key === "PageDown" || key === "PageUp") return () => scroll(key === "PageDown" ? 0.8 : -0.8);
  if (key === "Escape") return clear;
  if (key === "Enter" && !event.target.closest?.("button, a")) return () => event.repeat || choose(marked);
  if (typed) return null;
  if (/^[0-9]$/.test(key)) return () => event.repeat || choose((Number(key) + 9) % 10);
  if (key === "ArrowLeft") return () => event.repeat || back();
  if (key === "ArrowRight") return () => event.repeat || answer(null);
  return null;
}

function scroll(pages) {
  const text = document.querySelector("#thing .text");
  text?.scrollBy({ top: pages * text.clientHeight });
}

function clear() {
  find.value = "";
  if (question) offer();
  ready();
}

document.addEventListener("keydown", (event) => {
  if (task.hidden && byId("done").hidden) return;
  // 229: the key that ends what an input method composes, which Safari says after the end.
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = doing(event);
  if (act) {
    event.preventDefault();
    act();
  } else if (event.key.length === 1 && event.key !== " " && !task.hidden) find.focus(); // the letter goes there
});

find.addEventListener("input", () => question && offer());
byId("back").addEventListener("click", back);
byId("skip").addEventListener("click", () => answer(null));
byId("labels").addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the keys
byId("who").addEventListener("click", () => busy || begin(""));
byId("name-form").addEventListener("submit", (event) => {
  event.preventDefault();
  begin(byId("name").value.trim());
});

function begin(name) {
  by = name;
  question = null;
  byId("name-form").hidden = Boolean(by);
  byId("who").hidden = !by;
  byId("who").textContent = by;
  task.hidden = byId("done").hidden = byId("trouble").hidden = true;
  byId("progress").textContent = by && t("loading");
  if (!by) {
    byId("name").focus();
    return;
  }
  localStorage.setItem(KEPT_NAME, by);
  const address = new URL(location.href);
  address.searchParams.delete("by"); // it is kept now
  history.replaceState(null, "", address);
  attempt(async () => show(await send(`/v1/label/next?${query({ by })}`)));
}

byId("ask").textContent = t("ask", { label: columnName(document.body.dataset.label) });
begin(by);
