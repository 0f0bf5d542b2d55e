// Hits as cards.

import { swatch } from "./colors.js";
import { ALIKE, h, icon, NO } from "./dom.js";
import { address } from "./state.js";
import { isTranslation, language, money, number, optionLabel, own, t, titleOf, valueLabel } from "./words.js";

const DOTS = 6; // swatches on a card

/** One hit. `open` shows a product, `alike` looks for similar ones, `unlike` for others, `heat` asks which part matched. */
export function card(hit, state, { open, alike, unlike, heat }) {
  const shown = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab: the address says it all
    event.preventDefault();
    open(hit.variant_id, hit.why.picture);
  };
  const link = address({ ...state, product: hit.variant_id, shot: hit.why.picture });
  const title = titleOf(hit);
  return h("li", { class: "card" },
    h("a", { class: "shot", href: link, click: shown, tabindex: "-1", "aria-hidden": "true" }, shot(nearest(hit), "")),
    h("div", { class: "said" },
      hit.brand && h("p", { class: "maker" }, hit.brand),
      h("h2", {}, h("a", { href: link, click: shown }, title)),
      h("p", { class: "price" }, ...priceOf(hit)),
      notes(hit)),
    h("div", { class: "doors" },
      h("button", { type: "button", "aria-label": t("similar.to", { title }), click: () => alike(hit) },
        icon(ALIKE), t("similar")),
      h("button", { type: "button", "aria-label": t("unlike.of", { title }), click: () => unlike(hit) },
        icon(NO), t("unlike")),
      hit.why.parts.length ? why(hit, title, state.q, heat) : null));
}

/** The picture that a hit was found by, else its first. */
export function nearest({ images, why }) {
  return images.find((address) => address.endsWith(`/${why.picture}`)) ?? images[0];
}

/** A picture, or a place that says there is none. */
export function shot(address, alt) {
  if (!address) return h("span", { class: "blank" }, t("picture.none"));
  return h("img", { src: address, alt, loading: "lazy", decoding: "async", width: 320, height: 320 });
}

/** Price, and what it was before. */
export function priceOf({ price, list_price: before }) {
  if (!price || !before || before.amount <= price.amount) return [money(price)];
  return [h("strong", { class: "reduced" }, money(price)), " ",
    h("s", { title: t("price.was", { price: money(before) }) }, money(before))];
}

/** What the variants differ in, and whether there is any. */
function notes(hit) {
  const { color = [], ...others } = hit.options;
  const dots = color.map(swatch).filter(Boolean);
  const names = own(hit.options, "color").map(valueLabel).join(", ");
  const texts = Object.entries(others).filter(([name]) => !isTranslation(name)).slice(0, 2).map(([name, values]) => optionLabel(name, values.length));
  if (color.length && !dots.length) texts.unshift(optionLabel("color", color.length));
  const gone = ["out_of_stock", "backorder", "preorder"].includes(hit.availability);
  return h("p", { class: "notes" },
    dots.length ? h("span", { class: "dots", role: "img", "aria-label": `${optionLabel("color", color.length)}: ${names}`, title: names },
      ...dots.slice(0, DOTS), dots.length > DOTS ? `+${dots.length - DOTS}` : null) : null,
    texts.length ? h("span", {}, texts.join(" · ")) : null,
    gone ? h("span", { class: "badge" }, valueLabel(hit.availability)) : null);
}

/** Which words and which part of the picture matched, and what each gave to the score. */
function why(hit, title, asked, heat) {
  const { words, parts, exact, encoder } = hit.why;
  const sum = parts.reduce((all, part) => all + part.share, 0) || 1;
  const told = parts.filter((part) => Math.abs(part.share / sum) >= 0.005);
  const rows = told.map((part) => {
    const share = part.share / sum;
    const bar = h("span", { class: "bar-fill" });
    bar.style.width = `${Math.max(2, 100 * share)}%`;
    return h("li", {},
      h("span", {}, t(`part.${part.name}`)),
      h("b", {}, share.toLocaleString(language, { style: "percent" })),
      h("span", { class: "bar-line", "aria-hidden": "true" }, bar),
      part.name === "exact" || !part.rank ? null : h("small", {}, t("why.rank", { n: number(part.rank) })));
  });
  const details = h("details", { class: "why" },
    h("summary", { "aria-label": t("why.of", { title }) }, t("why")),
    h("div", { class: "reasons" },
      exact ? h("p", {}, t("why.exact", { name: t(`exact.${exact}`) })) : null,
      words.length ? h("p", {}, h("span", { class: "quiet" }, t("why.words")), " ", ...words.map((word) => h("mark", {}, written(word, asked)))) : null,
      hit.why.picture ? matched(hit, title, heat) : null,
      h("p", { class: "quiet" }, t("why.share")),
      h("ul", {}, rows),
      encoder ? h("p", { class: "quiet small" }, t("why.model", { name: encoder })) : null));
  return details;
}

/** A button, and in its place, once it is asked for, the picture with what matched. */
function matched(hit, title, heat) {
  const place = h("div", { class: "heat", "aria-live": "polite" });
  const button = h("button", {
    type: "button", class: "all", "aria-label": t("heat.of", { title }),
    click: async () => {
      button.disabled = true;
      try {
        const { overlay, fall } = await heat(hit);
        place.replaceChildren(h("img", { src: overlay, alt: t("heat.shown") }), h("small", {}, t(fall > 0 ? "heat.shown" : "heat.none")));
      } catch (error) {
        button.disabled = false;
        place.replaceChildren(button, h("small", {}, [error.message, error.said?.[0]].filter(Boolean).join(". ")));
      }
    },
  }, t("heat"));
  place.append(button);
  return place;
}

/** The word of the question that a stem comes from: "navi" was written "navy". */
function written(stem, asked) {
  if (!/^[a-z]+$/.test(stem)) return stem;
  const shared = (word) => [...stem].findIndex((char, at) => word[at] !== char);
  const near = asked.toLowerCase().split(/\s+/).filter((word) => shared(word) < 0 || shared(word) >= Math.max(3, stem.length - 2));
  return near.sort((a, b) => a.length - b.length)[0] ?? stem;
}

// One reason at a time; a click elsewhere or Escape closes it.
document.addEventListener("click", (event) => closeReasons(event.target.closest?.(".why")));
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector(".why[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
function closeReasons(but) {
  for (const each of document.querySelectorAll(".why[open]")) if (each !== but) each.open = false;
}
