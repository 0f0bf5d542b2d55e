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

export const number = (n) => n.toLocaleString(language);

/** A column as a heading: translated where the table has it, else its name with blanks. */
export function label(column) {
  const plain = column.replace(/^attribute_/, "").replaceAll("_", " ").trim();
  return words[`column.${column}`] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

export const valueLabel = (value) => words[`value.${value}`] ?? value;
export const optionLabel = (column, n) => t("options", { n, name: words[`options.${column}`] ?? label(column) });

/** A price as people write it here. */
export function money(price) {
  if (!price) return t("price.none");
  if (/^[A-Z]{3}$/.test(price.currency)) {
    return price.amount.toLocaleString(language, { style: "currency", currency: price.currency });
  }
  return price.text;
}
