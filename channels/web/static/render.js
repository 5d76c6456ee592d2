/*
 * Lines of the conversation as DOM nodes. Nothing here makes markup of text: every word of a citizen, of the assistant or of the
 * data becomes a text node, and only http(s) addresses become links.
 */

const NAMES = {
  citizen: "Jij",
  assistant: "Leerwijzer, digitale assistent",
  counsellor: "Medewerker, een mens",
  system: "Melding",
};

const DAY = new Intl.DateTimeFormat("nl-BE", { dateStyle: "long", timeZone: "UTC" });
const TIME = new Intl.DateTimeFormat("nl-BE", { hour: "2-digit", minute: "2-digit" });
const LINK = /https?:\/\/[^\s<>"]+/g;

let numbered = 0;

/** An element with attributes and children; children that are text become text nodes. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== ""));
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

function safeUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

function link(url, ...children) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children, hidden(" (nieuw venster)"));
}

function hidden(text) {
  return h("span", { class: "unseen" }, text);
}

/** One line of text: `**bold**`, and addresses as links. */
function inline(text) {
  const nodes = [];
  text.split("**").forEach((part, index, parts) => {
    if (part === "") return;
    // Stars without a partner stay what they are.
    const alone = index % 2 === 1 && index === parts.length - 1;
    const content = linked(alone ? `**${part}` : part);
    if (index % 2 === 1 && !alone) nodes.push(h("strong", {}, ...content));
    else nodes.push(...content);
  });
  return nodes;
}

function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.,;:!?)\]'"»”]+$/, "");
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

function choices(buttons, label, press) {
  const group = h("div", { class: "choices", role: "group", "aria-label": label });
  for (const { title, payload } of buttons) {
    const button = h("button", { type: "button", class: "choice", "data-title": title }, title);
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") press({ button: payload, title });
    });
    group.append(button);
  }
  return group;
}

/** Marks a button as chosen. The other buttons of one question are then no longer for pressing; those of a card stay. */
export function choose(button) {
  if (button.classList.contains("chosen")) return;
  const group = button.parentElement;
  if (!group.closest(".card")) {
    for (const other of group.children) other.setAttribute("aria-disabled", "true");
  }
  button.classList.add("chosen");
  button.append(h("span", { class: "mark" }, " gekozen"));
}

function card(content, press) {
  const id = `card-${(numbered += 1)}`;
  const url = content.url ? safeUrl(content.url) : null;
  const element = h("article", { class: "card", "aria-labelledby": id }, h("h3", { id, dir: "auto" }, content.title));
  if (content.subtitle) element.append(h("p", { class: "subtitle", dir: "auto" }, content.subtitle));
  if (content.notice) element.append(h("p", { class: "notice" }, content.notice));
  if (content.facts.length) {
    const rows = content.facts.map(({ label, value }) => h("div", {}, h("dt", {}, label), h("dd", {}, ...inline(value))));
    element.append(h("dl", {}, ...rows));
  }
  if (url) element.append(h("p", { class: "more" }, link(url, "Meer info", hidden(` over ${content.title}`))));
  if (content.buttons.length) element.append(choices(content.buttons, `Wat wil je met ${content.title}?`, press));
  return element;
}

function sources(list) {
  const items = list.map(({ title, url, checked }) => {
    const address = url ? safeUrl(url) : null;
    const day = new Date(`${checked}T00:00:00Z`);
    const date = Number.isNaN(day.getTime()) ? checked : DAY.format(day);
    return h("li", {}, "Bron: ", address ? link(address, title) : title, " · nagekeken op ", h("time", { datetime: checked }, date));
  });
  return h("ul", { class: "sources" }, ...items);
}

function who(author, at) {
  const time = new Date(at);
  return h(
    "p",
    { class: "who" },
    h("span", { class: "name" }, NAMES[author] ?? NAMES.system),
    hidden(", "),
    h("time", { datetime: time.toISOString() }, TIME.format(time)),
  );
}

/** A line of the transcript. `press` is called with {button, title} when one of its buttons is pressed. */
export function lineNode({ author, at, text, reply }, press) {
  const node = h("div", { class: `line ${author}` }, who(author, at));
  if (author === "citizen") {
    node.append(h("div", { class: "bubble" }, ...paragraphs(text ?? "", false)));
    return node;
  }
  const content = reply ?? { text: text ?? "", buttons: [], cards: [], sources: [] };
  if (content.text) node.append(h("div", { class: "bubble" }, ...paragraphs(content.text, true)));
  if (content.cards.length) node.append(h("div", { class: "cards" }, ...content.cards.map((one) => card(one, press))));
  if (content.sources.length) node.append(sources(content.sources));
  if (content.buttons.length) node.append(choices(content.buttons, "Kies een antwoord, of typ zelf", press));
  return node;
}

/** A message that has no line yet. `status` says where it is. */
export function pendingNode(item, status) {
  return h(
    "div",
    { class: "line citizen pending" },
    h("p", { class: "who" }, h("span", { class: "name" }, NAMES.citizen), hidden(", "), h("span", {}, status)),
    h("div", { class: "bubble" }, ...paragraphs(item.text ?? item.title, false)),
  );
}

/** What a screen reader says of a new line: who speaks, then all of it as text, how many choices there are. */
export function spoken({ author, reply }) {
  const parts = [`${NAMES[author] ?? NAMES.system}:`, reply.text.replaceAll("**", "")];
  for (const one of reply.cards) {
    const facts = one.facts.map(({ label, value }) => `${label}: ${value}`);
    parts.push([one.title, one.subtitle, one.notice, ...facts].filter(Boolean).join(", ") + ".");
  }
  if (reply.buttons.length) parts.push(`Keuzes: ${reply.buttons.map((button) => button.title).join(", ")}.`);
  return parts.join(" ");
}
