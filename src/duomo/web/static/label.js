// Labelling by keyboard alone: a question on the left, labels with their keys on the right.

import { ask } from "./api.js";
import { byId, h } from "./dom.js";
import { label as columnName, number, t } from "./words.js";

const FEW = 10; // labels that are all shown, in an order that stays
const SHOWN = 9; // of more, as many likely ones
const KEPT_NAME = "duomo-label-by";

let by = new URLSearchParams(location.search).get("by") ?? localStorage.getItem(KEPT_NAME) ?? "";
let question = null;
let labels = [];
let options = []; // what is shown now: { label, isNew }
let marked = -1;
let since = 0;
let busy = false;

const find = byId("find");

const post = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang }, body: JSON.stringify(body) });
const query = (fields) => new URLSearchParams(fields).toString();

/** Do something that the server answers; a failure is told and nothing is lost: the question stays. */
async function attempt(work, { saving = false } = {}) {
  if (busy) return;
  busy = true;
  byId("task").setAttribute("aria-busy", "true");
  try {
    await work();
    byId("trouble").hidden = true;
  } catch (problem) {
    const why = [problem.message, ...(problem.said ?? [])].join(". ");
    byId("trouble").textContent = saving ? t("saved.not", { why }) : why;
    byId("trouble").hidden = false;
    byId("task").hidden = false;
  } finally {
    busy = false;
    byId("task").removeAttribute("aria-busy");
  }
}

function show(asked) {
  ({ question, labels } = asked);
  byId("progress").textContent = t("progress", { n: number(asked.labelled), all: number(asked.things), mine: number(asked.mine) });
  byId("bar").style.width = `${(100 * asked.labelled) / Math.max(asked.things, 1)}%`;
  byId("task").hidden = !question;
  byId("done").hidden = Boolean(question);
  if (!question) return;
  find.value = "";
  since = performance.now();
  const { title, text, picture } = question;
  const image = picture && h("img", { src: picture, alt: t("picture", { title }) });
  if (image) image.addEventListener("error", () => image.replaceWith(h("p", { class: "quiet" }, t("picture.gone"))));
  byId("thing").replaceChildren(...[image, title && h("h2", {}, title), text && h("p", { class: "text" }, text)].filter(Boolean));
  const said = question.answered && (question.own === null ? t("own.none") : t("own", { label: question.own }));
  byId("own").textContent = said || (question.shared ? t("shared") : "");
  offer();
  byId("task").focus({ preventScroll: true });
}

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
  byId("labels").replaceChildren(
    ...options.map(({ label, isNew }, place) => {
      const key = place < 10 ? String((place + 1) % 10) : "";
      const guessed = !isNew && !question.answered && label === question.expected && h("em", {}, t("expected"));
      const name = isNew ? t("add", { label }) : label;
      const state = [place === marked && "marked", question.answered && label === question.own && "mine"].filter(Boolean).join(" ");
      return h("li", {}, h("button", { type: "button", class: state, "aria-keyshortcuts": key, "data-label": label, click: () => choose(place) }, h("kbd", {}, key), h("span", {}, name), guessed));
    }),
  );
}

function choose(place) {
  const option = options[place];
  if (!option || !question) return;
  const seconds = (performance.now() - since) / 1000;
  attempt(async () => {
    let { label } = option;
    if (option.isNew) ({ label } = await post("/v1/label/labels", { by, label }));
    show(await post("/v1/label/answers", { by, id: question.id, label, seconds }));
  }, { saving: true });
}

function skip() {
  if (!question) return;
  const seconds = (performance.now() - since) / 1000;
  attempt(async () => show(await post("/v1/label/answers", { by, id: question.id, label: null, seconds })), { saving: true });
}

function back() {
  attempt(async () => {
    const before = question?.answered ? { before: question.id } : {};
    const asked = await ask(`/v1/label/back?${query({ by, ...before })}`);
    if (asked.question) show(asked);
  });
}

function move(step) {
  if (!options.length) return;
  marked = marked < 0 ? (step > 0 ? 0 : options.length - 1) : (marked + step + options.length) % options.length;
  draw();
}

document.addEventListener("keydown", (event) => {
  if (byId("task").hidden && byId("done").hidden) return;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  const typed = find.value !== "";
  const within = event.target.closest?.("button, a");
  if (/^[0-9]$/.test(key)) choose((Number(key) + 9) % 10);
  else if (key === "ArrowLeft" && !typed) back();
  else if (key === "ArrowRight" && !typed) skip();
  else if (key === "ArrowDown") move(1);
  else if (key === "ArrowUp") move(-1);
  else if (key === "Enter" && !within) choose(marked);
  else if (key === "Escape") {
    find.value = "";
    offer();
    byId("task").focus({ preventScroll: true });
  } else {
    if (key.length === 1 && key !== " " && event.target !== find && !byId("task").hidden) find.focus(); // the letter goes there
    return;
  }
  event.preventDefault();
});

find.addEventListener("input", () => question && offer());
byId("back").addEventListener("click", back);
byId("skip").addEventListener("click", skip);
byId("who").addEventListener("click", () => begin(""));
byId("name-form").addEventListener("submit", (event) => {
  event.preventDefault();
  begin(byId("name").value.trim());
});

function begin(name) {
  by = name;
  byId("name-form").hidden = Boolean(by);
  byId("who").hidden = !by;
  byId("who").textContent = by;
  if (!by) {
    byId("task").hidden = byId("done").hidden = true;
    byId("name").focus();
    return;
  }
  localStorage.setItem(KEPT_NAME, by);
  attempt(async () => show(await ask(`/v1/label/next?${query({ by })}`)));
}

byId("ask").textContent = t("ask", { label: columnName(document.body.dataset.label) });
begin(by);
