// The facets at the side: exact counts, several values at once, categories as a tree, prices from and to.

import { swatch } from "./colors.js";
import { h } from "./dom.js";
import { bounds, valuesOf } from "./state.js";
import { label, number, t, valueLabel } from "./words.js";

const SHOWN = 8; // values before "show all"
const SIZES = ["XXS", "XS", "S", "M", "L", "XL", "XXL", "2XL", "XXXL", "3XL", "4XL", "5XL"];
const LONG = 50; // characters of a value that may be cut off
const PARTS = " > ";
const opened = new Set(); // columns whose values are all shown

/**
 * The facet groups of one answer.
 * @param columns [{name, kind}] in the order to show them
 * @param answer {counts: column -> [{value, count}], total}
 * @param actions {choose(column, value, isPath), price(min, max), unwanted(words), again(id)}
 */
export function groups(columns, answer, state, hasPrice, actions) {
  const made = columns.map(({ name, kind }) => group(name, kind, answer, state, actions));
  made.splice(1, 0, hasPrice ? priceGroup(state, actions) : null, unwantedGroup(state, actions));
  return made.filter(Boolean);
}

function group(column, kind, { counts, total }, state, actions) {
  const found = counts[column] ?? [];
  const chosen = valuesOf(state, column);
  if (!chosen.length && found.every(({ count }) => count === total)) return null; // choosing would change nothing
  const isPath = kind === "path";
  const known = new Set(found.map(({ value }) => value));
  const all = [...found, ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, count: 0 }))];
  const values = isPath ? branch(all, chosen) : ordered(column, all);
  if (!values.length) return null;
  const first = opened.has(column) ? values : values.filter(({ value }, at) => at < SHOWN || chosen.includes(value));
  const box = h("fieldset", { class: "facet", "data-column": column }, h("legend", {}, label(column)));
  for (const { value, count, depth = 0 } of first) {
    const name = isPath ? value.split(PARTS).at(-1) : valueLabel(value);
    const tick = h("input", {
      type: "checkbox", value, checked: chosen.includes(value),
      id: `${column}=${value}`, change: () => actions.choose(column, value, isPath),
    });
    box.append(h("label", { class: `value depth-${Math.min(depth, 4)}` }, tick,
      /^color(_en|_zh)?$/.test(column) ? swatch(value) : null,
      h("span", { class: "name", title: name.length > LONG ? name : null }, name), h("span", { class: "n" }, number(count))));
  }
  if (values.length > first.length || opened.has(column)) {
    const all = opened.has(column);
    if (values.length > SHOWN) {
      box.append(h("button", {
        type: "button", class: "all", id: `all-${column}`,
        click: () => { all ? opened.delete(column) : opened.add(column); actions.again(`all-${column}`); },
      }, all ? t("filters.less") : t("filters.more", { n: number(values.length) })));
    }
  }
  return box;
}

/** Categories as a tree: the roots, what lies below a chosen one, and the way to it. */
function branch(values, chosen) {
  const paths = values.map(({ value }) => value);
  const roots = paths.filter((path) => !path.includes(PARTS));
  const isOpen = (path) => chosen.some((each) => each === path || each.startsWith(path + PARTS)) || roots.length === 1;
  const below = (parent, depth) => values
    .filter(({ value }) => (parent ? value.startsWith(parent + PARTS) : true)
      && value.split(PARTS).length === depth + 1)
    .flatMap((node) => [{ ...node, depth },
      ...(isOpen(node.value) && (depth === 0 || chosen.some((each) => each === node.value || each.startsWith(node.value + PARTS)))
        ? below(node.value, depth + 1) : [])]);
  return below("", 0);
}

/** Sizes and numbers in their own order, everything else as it came: most frequent first. */
function ordered(column, values) {
  const size = ({ value }) => SIZES.indexOf(value.toUpperCase());
  const numeric = values.every(({ value }) => /^-?\d+(\.\d+)?$/.test(value));
  if (numeric && values.length > 1) return [...values].sort((a, b) => a.value - b.value);
  if (column !== "size") return values;
  const place = (each) => (size(each) >= 0 ? size(each) : SIZES.length);
  return [...values].sort((a, b) => place(a) - place(b) || a.value.localeCompare(b.value, "en", { numeric: true }));
}

/** Words for what a product must not have or be. */
function unwantedGroup(state, actions) {
  return h("fieldset", { class: "facet" }, h("legend", {}, t("unwanted")),
    h("div", { class: "range" }, h("input", {
      type: "text", id: "unwanted", maxlength: 200, autocomplete: "off", placeholder: t("unwanted.hint"), "aria-label": t("unwanted"),
      value: state.unwanted, change: ({ target }) => actions.unwanted(target.value.trim()),
    })));
}

function priceGroup(state, actions) {
  const { min, max } = bounds(state);
  const field = (name, value) => h("input", {
    type: "number", min: "0", step: "any", inputmode: "decimal", id: `price-${name}`, name,
    placeholder: t(`price.${name}`), "aria-label": `${label("price")}: ${t(`price.${name}`)}`, value: value ?? "",
  });
  const from = field("from", min);
  const to = field("to", max);
  const apply = () => actions.price(from.value, to.value);
  for (const each of [from, to]) each.addEventListener("change", apply);
  return h("fieldset", { class: "facet", "data-column": "price" }, h("legend", {}, label("price")),
    h("div", { class: "range" }, from, h("span", { "aria-hidden": "true" }, "–"), to));
}
