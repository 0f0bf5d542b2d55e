// Elements from plain descriptions. Text is always text here, never markup: what a catalog says cannot become code.

export const byId = (id) => document.getElementById(id);

/** An element: attributes (functions become listeners, false and null are left out), then children or text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/** A drawing from one SVG path, hidden from screen readers. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(svg.namespaceURI, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

export const CROSS = "M6 6l12 12M18 6L6 18";
export const NO = "M5.6 5.6l12.8 12.8M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z";
export const ALIKE = "M4 8h9a2 2 0 0 1 2 2v9H6a2 2 0 0 1-2-2zM9 5h9a2 2 0 0 1 2 2v9";
