// What is being looked for: kept in the address, so that back, reload and a copied link all work.

const NAMES = ["q", "mode", "literal", "like", "unwanted", "min", "max", "picture", "box", "w.words", "w.picture", "w.like", "product", "shot", "lang"];
const FACET = "f."; // f.color=Red&f.color=Blue

/** The state that an address says. */
export function read(search = location.search) {
  const given = new URLSearchParams(search);
  const state = { facets: {}, unlike: several(given, "unlike"), asWords: several(given, "as_words") };
  for (const name of NAMES) state[name] = given.get(name) ?? "";
  if (!["keywords", "vector"].includes(state.mode)) state.mode = "hybrid";
  for (const [name, value] of given) {
    const column = name.slice(FACET.length);
    if (name.startsWith(FACET) && column) state.facets = { ...state.facets, [column]: [...valuesOf(state, column), value] };
  }
  return state;
}

const several = (given, name) => [...new Set(given.getAll(name))].filter(Boolean);

/** What is chosen in a column, which may be called like a member of every object: "constructor". */
export const valuesOf = ({ facets }, column) => (Object.hasOwn(facets, column) ? facets[column] : []);

/** The address of a state. */
export function address(state) {
  const said = new URLSearchParams();
  for (const name of NAMES) {
    if (state[name] && !(name === "mode" && state.mode === "hybrid")) said.set(name, state[name]);
  }
  for (const id of state.unlike) said.append("unlike", id);
  for (const words of state.asWords) said.append("as_words", words);
  for (const [column, values] of Object.entries(state.facets)) {
    for (const value of values) said.append(FACET + column, value);
  }
  const text = said.toString();
  return location.pathname + (text ? `?${text}` : "");
}

/** Everything that decides what is found; the product that is open does not. */
export const question = (state) => address({ ...state, product: "", shot: "", lang: "" });

/** The state with nothing that narrows it but the words and the picture. */
export const cleared = (state) => ({ ...state, facets: {}, min: "", max: "", unlike: [], unwanted: "" });

/** The filter expression of the price; what is ticked in facets goes to the shop as it is. */
export function where(state) {
  const parts = [];
  const { min, max } = bounds(state);
  if (min !== null) parts.push(`price >= ${min}`);
  if (max !== null) parts.push(`price <= ${max}`);
  return parts.join(" and ");
}

/** The price bounds as numbers, null where there is none. */
export function bounds(state) {
  const amount = (text) => (/^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : null);
  return { min: amount(state.min), max: amount(state.max) };
}

export const chosen = (state) =>
  Object.values(state.facets).flat().length + state.unlike.length + [state.min, state.max, state.unwanted].filter(Boolean).length;

/** The state with a value chosen, or no longer. A category replaces those above and below it. */
export function toggled(state, column, value, isPath) {
  const before = valuesOf(state, column);
  const related = (other) => isPath && (other.startsWith(`${value} > `) || value.startsWith(`${other} > `));
  const after = before.includes(value)
    ? before.filter((other) => other !== value)
    : [...before.filter((other) => !related(other)), value];
  const facets = { ...state.facets, [column]: after };
  if (!after.length) delete facets[column];
  return { ...state, facets };
}
