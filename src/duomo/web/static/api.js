// Talks to /v1. Failures come as Problem: what happened and what to do, in words.

import { t } from "./words.js";

export class Problem extends Error {
  constructor(title, detail, remedy) {
    super(title);
    this.detail = detail;
    this.remedy = remedy;
    // The detail is English; who reads Chinese is told what to do, in Chinese.
    this.said = /[一-鿿]/.test(remedy) ? [remedy] : [detail, remedy].filter(Boolean);
  }
}

export async function ask(path, options = {}) {
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

/** The fields of a question that say something, in pairs. */
function fieldsOf({ where, mode, literal, asWords, like, unlike, unwanted, chosen, k, skip }) {
  const fields = [["where", where], ["mode", mode], ["literal", literal], ["like", like], ["unwanted", unwanted], ["k", k], ["skip", skip]];
  if (Object.keys(chosen).length) fields.push(["chosen", JSON.stringify(chosen)]);
  return [...fields.filter(([, value]) => value !== "" && value !== 0 && value != null), ...unlike.map((id) => ["unlike", id]), ...asWords.map((said) => ["as_words", said])];
}

/** A question as a form, which a picture and weights need. */
function formOf(question) {
  const { text, facets, picture, box, weights } = question;
  const form = new FormData();
  for (const [name, value] of fieldsOf(question)) form.append(name, value);
  for (const column of facets) form.append("facets", column);
  form.set("text", text);
  if (Object.keys(weights).length) form.set("weights", JSON.stringify(weights));
  if (picture) form.set("image", picture, "picture.jpg");
  if (picture && box) form.set("box", box);
  return form;
}

/** One page of hits. */
export function search(question, signal) {
  if (question.picture || Object.keys(question.weights).length) return ask("/v1/search", { method: "POST", body: formOf(question), signal });
  const params = new URLSearchParams([["q", question.text], ...fieldsOf(question), ...question.facets.map((column) => ["facet", column])]);
  return ask(`/v1/search?${params}`, { signal });
}

/** What the shopper may be about to ask. */
export const suggest = (text, k, signal) => ask(`/v1/suggest?${new URLSearchParams({ q: text, k })}`, { signal });

/** Which part of a product's picture matched a question. */
export const heat = (id, question, signal) => ask(`/v1/products/${name(id)}/heat`, { method: "POST", body: formOf(question), signal });

const name = (id) => id.split("/").map(encodeURIComponent).join("/");
export const product = (id, signal) => ask(`/v1/products/${name(id)}`, { signal });
export const similar = (id, k, signal) => ask(`/v1/products/${name(id)}/similar?k=${k}`, { signal });
export const columns = () => ask("/v1/columns");
