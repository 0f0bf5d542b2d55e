// Names of colors, English and Chinese, as a browser can paint them: for swatches beside the name, never instead of it.

const PLAIN = {
  __proto__: null, // a color may be called "constructor"
  black: "#1d1d1f", white: "#ffffff", grey: "#8d8f94", gray: "#8d8f94", silver: "#c3c7cc", red: "#c62f2f",
  maroon: "#6f1d2b", burgundy: "#6f1d2b", wine: "#6f1d2b", crimson: "#b01c37", pink: "#e99bb3", rose: "#d97a8c",
  magenta: "#c2307e", fuchsia: "#c2307e", coral: "#f0795f", salmon: "#ef9482", peach: "#f6bf9c", orange: "#e7792b",
  rust: "#a94b22", terracotta: "#b8593a", copper: "#b3703f", bronze: "#8f6a35", brown: "#75492b", coffee: "#58402f",
  chocolate: "#55301d", mushroom: "#b5a493", tan: "#c79f6f", camel: "#bd9060", beige: "#dccbaa", nude: "#e0bfa4",
  skin: "#e0bfa4", khaki: "#a9996b", taupe: "#8b7d6f", sand: "#d8c4a0", cream: "#f3e9d2", ivory: "#f6f1e1",
  ecru: "#e8dcc4", gold: "#c9a13b", yellow: "#eec435", mustard: "#c99a22", lime: "#a8ca3c", olive: "#75763a",
  green: "#3c8a4e", mint: "#a5d8bf", sage: "#9bac8c", emerald: "#1e7d5c", teal: "#217a80", turquoise: "#38b3ae",
  aqua: "#67c7d0", cyan: "#38aecb", blue: "#2f63b5", navy: "#1f2c4d", indigo: "#36397c", denim: "#4a6585",
  cobalt: "#1f4aa8", sky: "#8fc3e8", lavender: "#b9a7d9", lilac: "#bea3cf", purple: "#6d4197", violet: "#7650a8",
  mauve: "#a47f99", plum: "#6a3357", charcoal: "#3c4047", metallic: "#9aa0a6", steel: "#7c8791", slate: "#5c6873",
  黑: "#1d1d1f", 白: "#ffffff", 灰: "#8d8f94", 银: "#c3c7cc", 红: "#c62f2f", 粉: "#e99bb3", 橙: "#e7792b",
  橘: "#e7792b", 黄: "#eec435", 绿: "#3c8a4e", 青: "#217a80", 蓝: "#2f63b5", 紫: "#6d4197", 棕: "#75492b",
  褐: "#75492b", 咖: "#58402f", 金: "#c9a13b", 米: "#e8dcc4", 驼: "#bd9060", 杏: "#e6c9a0", 卡其: "#a9996b",
  藏青: "#1f2c4d", 薄荷: "#a5d8bf", 天蓝: "#8fc3e8", 酒红: "#6f1d2b",
};
const MANY = /^(multi|multicolou?r(ed)?|assorted|rainbow|彩|多色|花色)/i;
const WHEEL = "conic-gradient(#c62f2f, #eec435, #3c8a4e, #2f63b5, #6d4197, #c62f2f)";

/** What to paint for a name, or "" where the name says no color: the first known word decides ("navy blue" is navy). */
export function paint(name) {
  const plain = name.trim().toLowerCase();
  if (MANY.test(plain)) return WHEEL;
  if (/^#[0-9a-f]{6}$/.test(plain)) return plain;
  if (/navy|midnight/.test(plain)) return PLAIN.navy;
  const words = plain.split(/[^a-z]+/);
  const known = words.find((word) => PLAIN[word]);
  if (known) return shaded(PLAIN[known], words);
  const han = Object.keys(PLAIN).filter((key) => /\p{sc=Han}/u.test(key) && plain.includes(key));
  const painted = PLAIN[han.sort((a, b) => b.length - a.length)[0]];
  return painted ? shaded(painted, [/[深暗]/.test(plain) && "dark", /[浅淡]/.test(plain) && "light"]) : "";
}

const shaded = (color, words) =>
  words.includes("dark") ? `color-mix(in srgb, ${color} 65%, black)`
    : words.includes("light") || words.includes("pale") ? `color-mix(in srgb, ${color} 55%, white)` : color;

/** A painted dot, or nothing. */
export function swatch(name) {
  const painted = paint(name);
  if (!painted) return null;
  const dot = document.createElement("span");
  dot.className = "swatch";
  dot.style.background = painted; // through the object model: the page's policy allows no style attributes
  return dot;
}
