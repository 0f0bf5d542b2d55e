// Talks to /v1. Failures come as Problem: what happened and what to do, in words.

import { t } from "./words.js";

export class Problem extends Error {
  constructor(title, detail, remedy) {
    super(title);
    this.detail = detail;
    this.remedy = remedy;
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { headers: { "Accept-Language": document.documentElement.lang }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(t("error"), t("error.offline"), "");
  }
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Problem(said.title ?? t("error"), said.detail ?? "", said.remedy ?? "");
}

/** One page of hits. With a picture it is sent along as a form. */
export function search({ text, where, mode, literal, like, k, skip, facets, picture }, signal) {
  const fields = [["where", where], ["mode", mode], ["literal", literal], ["like", like], ["k", k], ["skip", skip]];
  const given = fields.filter(([, value]) => value !== "" && value !== 0 && value != null);
  if (picture) {
    const form = new FormData();
    for (const [name, value] of given) form.set(name, value);
    for (const column of facets) form.append("facets", column);
    form.set("text", text);
    form.set("image", picture, "picture.jpg");
    return ask("/v1/search", { method: "POST", body: form, signal });
  }
  const params = new URLSearchParams([["q", text], ...given, ...facets.map((column) => ["facet", column])]);
  return ask(`/v1/search?${params}`, { signal });
}

const name = (id) => id.split("/").map(encodeURIComponent).join("/");
export const product = (id, signal) => ask(`/v1/products/${name(id)}`, { signal });
export const similar = (id, k, signal) => ask(`/v1/products/${name(id)}/similar?k=${k}`, { signal });
export const columns = () => ask("/v1/columns");
