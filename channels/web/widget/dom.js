/*
 * Nodes from words. Nothing here makes markup of text: every word of a citizen, of the assistant or of the data becomes a text
 * node, and only http(s) addresses become links, opened without referrer.
 */

const LINK = /https?:\/\/[^\s<>"]+/g;

/** An element with attributes (a function is a listener) and children; children that are text become text nodes. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return element;
}

/** A drawing of one path; decoration, so hidden from screen readers. */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(space, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** Words for a screen reader alone. */
export function unseen(text) {
  return h("span", { class: "unseen" }, text);
}

/** An address when it is http or https, else null. */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(url, ...children) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children, unseen(" (nieuw venster)"));
}

/** One line of text: `**bold**`, and addresses as links. */
export function inline(text) {
  const nodes = [];
  text.split("**").forEach((part, index, parts) => {
    if (part === "") return;
    // Stars without a partner stay what they are.
    const single = index % 2 === 1 && index === parts.length - 1;
    const content = linked(single ? `**${part}` : part);
    if (index % 2 === 1 && !single) nodes.push(h("strong", {}, ...content));
    else nodes.push(...content);
  });
  return nodes;
}

function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.,;:!?)\]'"»”]+$/, ""); // a sign that ends the sentence is not part of it
    const url = safeUrl(address);
    if (!url) continue;
    nodes.push(text.slice(from, match.index), link(url, address));
    from = match.index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

/** Paragraphs for a text: an empty line begins a new one. `rich` false: nothing but line breaks. */
export function paragraphs(text, rich) {
  return text
    .trim()
    .split(/\n[ \t]*\n\s*/)
    .map((paragraph) => {
      const lines = paragraph.split("\n").map((line) => (rich ? inline(line) : [line]));
      return h("p", { dir: "auto" }, ...lines.flatMap((line, index) => (index ? [h("br"), ...line] : line)));
    });
}
