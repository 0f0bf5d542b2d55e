// The page: reads the address, asks the shop, shows what came, and writes the next address.

import * as api from "./api.js";
import { panel, weightsOf } from "./asked.js";
import { card } from "./cards.js";
import { byId, CROSS, h, icon } from "./dom.js";
import { groups } from "./facets.js";
import { blob, keep, kept, watch } from "./picture.js";
import * as product from "./product.js";
import { address, bounds, chosen, cleared, question, read, toggled, where } from "./state.js";
import { suggesting } from "./suggest.js";
import { label, money, t, titleOf, tn, translation, valueLabel } from "./words.js";

const PAGE = 24;
const TITLE = document.title;
const [form, q, grid, near, more, total, notice, dialog] =
  ["search", "q", "grid", "near", "more", "total", "notice", "product"].map(byId);

let state = read();
let answered = null; // the question that is on the page
let running = new AbortController();
let opening = new AbortController();
let offered = null; // columns, asked for once
let last = null; // what the last answer said beside its hits, to draw facets and chips again
let found = 0; // hits inside the result set that are shown
let opener = null; // what had the focus before the dialog

/** Go to another state; the address remembers it. */
function go(next, { replace = false, mark = {} } = {}) {
  history[replace ? "replaceState" : "pushState"](mark, "", address(next));
  state = next;
  render();
}

/** Bring the page in line with the state. */
async function render() {
  if (state.picture && !kept(state.picture)) state = { ...state, picture: "", box: "" }; // of another tab, or long ago
  shutSuggestions();
  q.value = state.q;
  document.title = state.q ? `${state.q} · ${TITLE}` : TITLE;
  byId("modes").querySelector(`[value=${state.mode}]`).checked = true;
  for (const link of document.querySelectorAll("[data-lang]")) link.href = address({ ...state, lang: link.dataset.lang });
  const uri = kept(state.picture);
  byId("yours").hidden = !uri;
  if (uri) byId("yours-picture").src = uri;
  drawAsked(state, uri, (question(state) === answered && last?.understood?.box) || "");
  q.placeholder = t(uri || state.like ? "search.add" : "search.hint");
  showProduct();
  if (question(state) !== answered) {
    answered = question(state);
    await showResults();
  }
}

function asked(skip, facets) {
  return {
    text: state.q, where: where(state), chosen: state.facets, literal: state.literal && "true", asWords: state.asWords, like: state.like,
    mode: state.mode === "keywords" && !state.q ? "hybrid" : state.mode, // keywords need words
    unlike: state.unlike, unwanted: state.unwanted, box: state.box, weights: weightsOf(state),
    k: PAGE, skip, facets, picture: state.picture ? blob(kept(state.picture)) : null,
  };
}

async function showResults() {
  running.abort();
  const { signal } = (running = new AbortController());
  byId("results").setAttribute("aria-busy", "true");
  total.textContent = t("loading");
  notice.replaceChildren();
  last = last && { ...last, understood: null }; // it was of the question before
  showChips();
  try {
    offered ??= (await api.columns()).columns;
    const page = await api.search(asked(0, facets().map(({ name }) => name)), signal);
    last = { counts: page.facets, total: page.total, price: page.hits[0]?.price, understood: page.understood };
    showChips();
    drawAsked(state, kept(state.picture), page.understood.box ?? "");
    found = 0;
    grid.replaceChildren();
    near.replaceChildren();
    total.textContent = tn("total", page.total);
    showFacets();
    add(page);
    if (!page.hits.length) showEmpty();
  } catch (error) {
    if (error.name === "AbortError") return;
    answered = null;
    for (const each of [grid, near]) each.replaceChildren();
    more.hidden = byId("widened").hidden = true;
    total.textContent = "";
    showProblem(error);
  }
  byId("results").removeAttribute("aria-busy");
}

/** The columns to offer: where the catalog has one in the shopper's language, that one. */
function facets() {
  const known = Object.fromEntries(offered.map((column) => [column.name, column]));
  return offered.filter(({ facet }) => facet).map((column) => known[translation(column.name)] ?? column);
}

/** Put a page of hits behind those that are there; the first new card. */
function add(page) {
  const actions = { open, alike, unlike, heat: (hit) => api.heat(hit.variant_id, asked(0, [])) };
  const inside = page.hits.filter((hit) => !hit.widened);
  const outside = page.hits.filter((hit) => hit.widened);
  const cards = inside.map((hit) => card(hit, state, actions));
  grid.append(...cards);
  near.append(...outside.map((hit) => card(hit, state, actions)));
  byId("widened").hidden = !near.children.length;
  found += inside.length;
  more.hidden = found >= page.total || !inside.length;
  return cards[0];
}

async function showMore() {
  more.disabled = true;
  try {
    const first = add(await api.search(asked(found, []), running.signal));
    first?.querySelector("h2 a").focus({ preventScroll: true });
  } catch (error) {
    if (error.name !== "AbortError") showProblem(error);
  }
  more.disabled = false;
}

function showFacets(focus = document.activeElement?.id) {
  const columns = facets();
  const hasPrice = offered.some(({ name }) => name === "price") && Boolean((last.price && last.total > 1) || state.min || state.max);
  byId("facets").replaceChildren(...groups(columns, last, state, hasPrice, {
    choose: (column, value, isPath) => go(toggled(state, column, value, isPath)),
    price: (min, max) => go({ ...state, min, max }),
    unwanted: (words) => go({ ...state, unwanted: words }),
    again: showFacets,
  }));
  if (focus) byId(focus)?.focus(); // drawing anew must not take the focus away
  byId("filters-count").textContent = chosen(state) || "";
}

/** What narrows the search, each with a way to take it off. */
function showChips() {
  const chips = [];
  const titled = (id, name) => {
    const place = chips.at(-1);
    const tell = ({ text, name: told }) => {
      place.firstChild.textContent = text;
      if (told) place.setAttribute("aria-label", told);
    };
    api.product(id).then((found) => tell(name(titleOf(found)))).catch(() => {});
  };
  const chip = (text, next, name) => chips.push(h("button", { type: "button", class: "chip", "aria-label": name, click: () => go(next) }, h("span", {}, text), icon(CROSS)));
  if (state.like) {
    chip(t("like", { title: state.like }), { ...state, like: "" }, t("like.remove"));
    titled(state.like, (title) => ({ text: t("like", { title }) }));
  }
  for (const id of state.unlike) {
    const names = (title) => ({ text: t("unlike.chip", { title }), name: t("unlike.remove", { title }) });
    chip(names(id).text, { ...state, unlike: state.unlike.filter((other) => other !== id) }, names(id).name);
    titled(id, names);
  }
  if (state.unwanted) chip(t("unwanted.chip", { text: state.unwanted }), { ...state, unwanted: "" }, t("unwanted.remove", { text: state.unwanted }));
  for (const [column, values] of Object.entries(state.facets)) {
    for (const value of values) {
      const text = `${label(column)}: ${valueLabel(value)}`;
      chip(text, toggled(state, column, value, false), t("filters.remove", { value: text }));
    }
  }
  const { min, max } = bounds(state);
  if (min !== null || max !== null) {
    const amount = (n) => (n === null ? "" : money({ amount: n, currency: last?.price?.currency ?? "", text: String(n) }));
    const text = `${label("price")}: ${amount(min)} – ${amount(max)}`;
    chip(text, { ...state, min: "", max: "" }, t("filters.remove", { value: text }));
  }
  for (const [text, next, name] of understood(last?.understood ?? undefined)) chip(text, next, name);
  if (chips.length > 1) {
    chips.push(h("button", { type: "button", class: "clear", click: () => go({ ...cleared(state), like: "" }) }, t("filters.clear")));
  }
  byId("chips").replaceChildren(...chips);
}

/** What was read out of the words, each with the way to take it as words; and the way back. */
function understood({ repaired = [], read_as: text = "", meanings = [] } = {}) {
  if (state.literal) return [[t("literal"), { ...state, literal: "" }, t("literal.remove")]];
  const mended = t("understood.read", { text });
  const chips = repaired.length ? [[mended, { ...state, literal: "1" }, t("understood.remove", { value: mended })]] : [];
  for (const { kind, said: text, limits, relaxed } of meanings) {
    if (state.unwanted && kind === "without" && !state.q.includes(text)) continue; // has a chip of its own
    const value = t(relaxed ? "understood.relaxed" : "understood.limit", { text });
    if (limits || relaxed) chips.push([value, { ...state, asWords: [...state.asWords, text] }, t("understood.words", { value })]);
  }
  const back = (text) => ({ ...state, asWords: state.asWords.filter((other) => other !== text) });
  return [...chips, ...state.asWords.map((text) => [t("as.words", { text }), back(text), t("as.words.remove", { text })])];
}

function showEmpty() {
  const clear = chosen(state) ? h("button", { type: "button", click: () => go(cleared(state)) }, t("filters.clear")) : null;
  notice.replaceChildren(h("div", { class: "note" }, h("h2", {}, t("empty")), h("p", {}, t("empty.hint")), clear));
}

function showProblem(error) {
  if (!(error instanceof api.Problem)) console.error(error);
  const retry = h("button", { type: "button", click: () => ((answered = null), render()) }, t("error.retry"));
  const said = (error.said ?? []).map((text) => h("p", {}, text));
  notice.replaceChildren(h("div", { class: "note bad" }, h("h2", {}, error instanceof api.Problem ? error.message : t("error")), ...said, retry));
}

// The dialog

function open(id, hash) {
  opener = document.activeElement;
  go({ ...state, product: id, shot: hash }, { mark: { opened: true } });
}

function close() {
  if (history.state?.opened) history.back();
  else go({ ...state, product: "", shot: "" }, { replace: true });
}

async function showProduct() {
  if (dialog.dataset.id === state.product) return;
  opening.abort();
  const { signal } = (opening = new AbortController());
  dialog.dataset.id = state.product;
  if (!state.product) {
    dialog.close();
    opener?.focus();
    return;
  }
  try {
    await product.show(dialog, state.product, state.shot, signal, {
      close,
      open: (id, hash) => go({ ...state, product: id, shot: hash }, { replace: true, mark: history.state }),
    });
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("product-title").textContent = error.message;
    dialog.append(h("p", {}, (error.said ?? []).join(" ")));
  }
}

function alike(hit) {
  go({ ...cleared(state), ...said(""), picture: "", box: "", like: hit.variant_id, mode: "hybrid" });
  scrollTo({ top: 0 });
}

function unlike(hit) {
  go({ ...state, unlike: [...new Set([...state.unlike, hit.product_id])] });
  byId("results").focus({ preventScroll: true }); // the card that had the focus goes
}

// What the shopper does

/** Other words, of which everything may be understood. */
const said = (words) => ({ q: words, literal: "", asWords: [] });

const shutSuggestions = suggesting(q, (text) => {
  q.value = text;
  form.requestSubmit();
});
const drawAsked = panel((fields, how) => go({ ...state, ...fields }, how));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  go({ ...cleared(state), ...said(q.value.trim()) });
  if (matchMedia("(pointer: coarse)").matches) q.blur(); // puts the keyboard of a phone away
});
q.addEventListener("search", () => q.value === "" && state.q && go({ ...state, ...said("") })); // the cross in the box
byId("modes").addEventListener("change", (event) => {
  const mode = event.target.value;
  go({ ...state, mode, ...(mode === "keywords" ? { picture: "", box: "", like: "" } : {}) });
});
byId("facets").addEventListener("submit", (event) => event.preventDefault());
byId("filters-toggle").addEventListener("click", (event) => {
  const isOpen = byId("filters").classList.toggle("open");
  event.currentTarget.setAttribute("aria-expanded", isOpen);
});
byId("yours-remove").addEventListener("click", () => {
  go({ ...state, picture: "", box: "" });
  q.focus();
});
watch(byId("file"), byId("drop"), async (file) => {
  const picture = await keep(file);
  if (picture) go({ ...cleared(state), ...said(q.value.trim()), picture, box: "", like: "", mode: state.mode === "keywords" ? "hybrid" : state.mode });
  else notice.replaceChildren(h("div", { class: "note bad" }, h("p", {}, t("picture.wrong"))));
});
more.addEventListener("click", showMore);
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
dialog.addEventListener("click", (event) => event.target === dialog && close());
addEventListener("popstate", () => {
  state = read();
  render();
});

render();
