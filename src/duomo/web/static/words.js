// The texts of the page in the shopper's language, and how columns, values and prices are written.

const words = JSON.parse(document.getElementById("words").textContent);
export const language = document.documentElement.lang;

/** A text with its {places} filled in. */
export function t(name, places = {}) {
  const text = words[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => places[key] ?? whole);
}

/** A text that counts: "1 product", "2 products". */
export function tn(name, n) {
  return t(n === 1 && words[`${name}.one`] ? `${name}.one` : name, { n: number(n) });
}

// A catalog may say things twice, as color and color_zh: the shopper's language is shown, the other left out.
const TWICE = /^(.+)_(en|zh)$/;
export const translation = (name) => `${name}_${language.slice(0, 2)}`;
export const isTranslation = (name) => TWICE.test(name);
export const own = (attributes, name) => attributes[translation(name)] ?? attributes[name] ?? [];

/** A title in the shopper's language. */
export const titleOf = (thing) => attributeText(thing, "title") || thing.title || thing.product_id;
const attributeText = ({ attributes }, name) => attributes[translation(name)]?.[0] ?? "";

/** A description in the shopper's language, without lines that a translation says again. */
export function descriptionOf({ attributes, description }) {
  const text = attributeText({ attributes }, "description");
  if (text) return text;
  const again = Object.entries(attributes).filter(([name]) => /^description_/.test(name)).flatMap(([, texts]) => texts);
  return description.split("\n").filter((line) => !again.some((each) => line.includes(each))).join("\n");
}

export const number = (n) => n.toLocaleString(language);

/** A column as a heading: translated where the table has it, else its name with blanks. */
export function label(column) {
  const name = column.replace(/^attribute_/, "").replace(TWICE, "$1");
  const plain = name.replaceAll("_", " ").trim();
  return words[`column.${name}`] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** A value: translated where it is one of ours, with a capital where the catalog writes all small. */
export function valueLabel(value) {
  return words[`value.${value}`] ?? (/^[a-z][^A-Z]*$/.test(value) ? value.charAt(0).toUpperCase() + value.slice(1) : value);
}

export const optionLabel = (column, n) => t("options", { n, name: words[`options.${column}`] ?? label(column) });

/** A price as people write it here. */
export function money(price) {
  if (!price) return t("price.none");
  if (/^[A-Z]{3}$/.test(price.currency)) {
    return price.amount.toLocaleString(language, { style: "currency", currency: price.currency });
  }
  return price.text;
}
