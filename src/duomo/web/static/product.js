// One product in a dialog: pictures, what can be chosen, details, reviews, what is like it.

import * as api from "./api.js";
import { nearest, priceOf, shot } from "./cards.js";
import { swatch } from "./colors.js";
import { CROSS, h, icon } from "./dom.js";
import { descriptionOf, isTranslation, label, number, t, titleOf, tn, translation, valueLabel } from "./words.js";

const REVIEWS = 3; // before "show all"
const LONGEST = 160; // characters of a detail; longer ones are no detail

/** Fill the dialog, with the picture in front that has this hash; `close` shuts it, `open` shows another product. */
export async function show(dialog, id, hash, signal, { close, open }) {
  const shut = h("button", { type: "button", class: "shut", "aria-label": t("product.close"), click: close }, icon(CROSS));
  dialog.replaceChildren(shut, h("h2", { id: "product-title" }, t("loading")));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  const product = await api.product(id, signal);
  dialog.replaceChildren(shut, sheet(product, id, hash));
  const { hits } = await api.similar(id, 6, signal);
  if (hits.length) {
    dialog.append(h("section", { class: "alike" }, h("h3", {}, t("similar.more")),
      h("ul", {}, hits.map((hit) => h("li", {},
        h("button", { type: "button", click: () => open(hit.variant_id, hit.why.picture) },
          shot(nearest(hit), ""), h("span", {}, titleOf(hit))))))));
  }
}

function sheet(product, id, hash) {
  const named = product.variants.find((variant) => variant.id === id);
  const title = titleOf(product);
  const offered = Object.entries(product.options).filter(([name]) => !isTranslation(name));
  const picked = {};
  for (const [name] of offered) picked[name] = (named ?? product.variants[0]).attributes[name]?.[0] ?? "";

  const gallery = h("div", { class: "gallery" });
  const price = h("p", { class: "price" });
  const state = h("p", { class: "stock", role: "status" });
  const options = h("div", { class: "options" });

  const fits = (variant, wanted) => Object.entries(wanted).every(([name, value]) => (variant.attributes[name] ?? [""]).includes(value));
  const current = () => product.variants.find((variant) => fits(variant, picked));

  function draw() {
    const variant = current();
    const near = variant ?? product.variants.find((each) => fits(each, { color: picked.color ?? "" })) ?? product.variants[0];
    gallery.replaceChildren(...pictures([...new Set([...near.images, ...product.images])], title, hash));
    price.replaceChildren(...priceOf(near));
    state.replaceChildren(...(variant ? stockOf(variant) : [t("product.unavailable")]));
    for (const chip of options.querySelectorAll("input")) {
      const possible = product.variants.some((each) => fits(each, { ...picked, [chip.dataset.option]: chip.value }));
      chip.parentElement.classList.toggle("absent", !possible);
    }
  }

  for (const [name, values] of offered.sort(([a], [b]) => (b === "color") - (a === "color"))) {
    options.append(h("fieldset", {}, h("legend", {}, label(name)), h("div", { class: "picks" },
      values.map((value) => h("label", { class: "pick" },
        h("input", { type: "radio", name: `option-${name}`, "data-option": name, value, checked: value === picked[name], change: () => { picked[name] = value; hash = ""; draw(); } }),
        h("span", {}, name === "color" ? swatch(value) : null, valueLabel(inOwnWords(product, name, value))))))));
  }
  draw();

  return h("div", { class: "sheet" }, gallery,
    h("div", { class: "facts" },
      product.brand && h("p", { class: "maker" }, product.brand),
      h("h2", { id: "product-title" }, title),
      price, options, state,
      h("p", { class: "description" }, descriptionOf(product)),
      details(product),
      link(product.url)),
    product.reviews.length ? reviews(product.reviews) : null);
}

/** One large picture, the one with this hash or else the first, and small ones to choose from. */
function pictures(addresses, title, hash) {
  const first = Math.max(0, addresses.findIndex((address) => hash && address.endsWith(`/${hash}`)));
  const main = h("div", { class: "main" }, shot(addresses[first], title));
  if (addresses.length < 2) return [main];
  const small = addresses.map((address, at) => h("button", {
    type: "button", "aria-label": t("picture.nth", { n: at + 1, title }), "aria-current": at === first ? "true" : null,
    click: (event) => {
      main.replaceChildren(shot(address, title));
      for (const each of small) each.removeAttribute("aria-current");
      event.currentTarget.setAttribute("aria-current", "true");
    },
  }, shot(address, "")));
  return [main, h("div", { class: "small" }, small)];
}

function stockOf({ availability, stock, id }) {
  const said = [];
  const there = stock > 0 && ["", "in_stock"].includes(availability);
  if (there) said.push(t("stock.left", { n: number(stock) }));
  else if (availability) said.push(valueLabel(availability));
  said.push(t("product.number", { id }));
  return [said.join(" · ")];
}

/** An option's value as the shopper's language has it. */
function inOwnWords(product, name, value) {
  const variant = product.variants.find(({ attributes }) => attributes[name]?.[0] === value);
  return variant?.attributes[translation(name)]?.[0] ?? value;
}

function details(product) {
  const choices = Object.values(product.options).map((values) => [...values].sort().join());
  const rows = Object.entries(product.attributes).filter(([name, values]) =>
    !isTranslation(name) && !Object.hasOwn(product.options, name) && !choices.includes([...values].sort().join()) && values.join(", ").length <= LONGEST && !/(^|_)(url|key|id|meta)(_|$)/.test(name));
  if (product.category.length) rows.unshift(["category", [product.category.join(" › ")]]);
  if (!rows.length) return null;
  return h("section", {}, h("h3", {}, t("product.details")),
    h("dl", {}, rows.map(([name, values]) => [h("dt", {}, label(name)), h("dd", {}, (product.attributes[translation(name)] ?? values).map(valueLabel).join(", "))])));
}

function link(url) {
  if (!/^https?:\/\//i.test(url)) return null; // anything else could be code
  return h("p", {}, h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, t("product.visit")));
}

function reviews(all) {
  const rated = all.filter(({ rating }) => rating != null);
  const mean = rated.reduce((sum, { rating }) => sum + rating, 0) / rated.length;
  const list = h("ul", {}, all.map(review));
  const rest = [...list.children].slice(REVIEWS);
  for (const each of rest) each.hidden = true;
  const more = rest.length ? h("button", {
    type: "button", class: "all",
    click: (event) => { for (const each of rest) each.hidden = false; event.currentTarget.remove(); },
  }, t("reviews.more", { n: number(all.length) })) : null;
  return h("section", { class: "reviews" },
    h("h3", {}, t("reviews"), " ", rated.length ? stars(mean) : null, " ", h("small", {}, tn("reviews.count", all.length))),
    list, more);
}

function review({ title, text, rating, time }) {
  return h("li", {}, h("p", {}, rating == null ? null : stars(rating), " ", h("b", {}, title), " ",
    h("small", {}, time.slice(0, 10))), h("p", {}, text));
}

/** Stars for the eye, words for the ear. */
function stars(rating) {
  const full = Math.round(rating);
  const exact = String(Math.round(rating * 10) / 10);
  return h("span", { class: "stars", role: "img", "aria-label": t("reviews.rating", { rating: exact }), title: exact },
    "★".repeat(full) + "☆".repeat(Math.max(0, 5 - full)));
}
