/*
 * Lines of the conversation as nodes, and as plain text for the clipboard, a file, a voice.
 */

import { h, icon, inline, link, paragraphs, safeUrl, unseen } from "./dom.js";

const NAMES = {
  citizen: "Jij",
  assistant: "Leerwijzer, digitale assistent",
  counsellor: "Medewerker, een mens",
  system: "Melding",
};

const DAY = new Intl.DateTimeFormat("nl-BE", { dateStyle: "long", timeZone: "UTC" });
const TIME = new Intl.DateTimeFormat("nl-BE", { hour: "2-digit", minute: "2-digit" });
const MOMENT = new Intl.DateTimeFormat("nl-BE", { dateStyle: "short", timeStyle: "short" });

const SPEAKER = "M3 9v6h4l5 5V4L7 9H3Zm12.5 3a4 4 0 0 0-2-3.5v7a4 4 0 0 0 2-3.5Zm-2-8v2.1a6 6 0 0 1 0 11.8V20a8 8 0 0 0 0-16Z";
const THUMB_UP = "M2 21h4V9H2v12ZM22 10a2 2 0 0 0-2-2h-6l1-4.6v-.3c0-.4-.2-.8-.4-1.1L13.500 1 7.600 7A2 2 0 0 0 7 8.400V19a2 2 0 0 0 2 2h8.500a2 2 0 0 0 1.900-1.200l2.400-6.200.2-.9V10Z";
const THUMB_DOWN = "M15 3H6.500a2 2 0 0 0-1.900 1.200L2.200 10.400l-.2.9V14a2 2 0 0 0 2 2h6l-1 4.600v.3c0 .4.200.8.4 1.100l1.100 1 5.900-6c.4-.4.600-.9.600-1.400V5a2 2 0 0 0-2-2Zm3 0v12h4V3h-4Z";

const REASONS = {
  up: { clear: "Duidelijk", useful: "Nuttig", fast: "Snel" },
  down: { wrong: "Klopt niet", hard: "Te moeilijk", off_topic: "Niet wat ik vroeg", incomplete: "Er ontbreekt iets" },
};

let numbered = 0;

/** Who speaks in a line. */
export function nameOf({ author, reply }) {
  const name = author === "counsellor" && reply?.speaker;
  return name ? `${name}, een mens` : (NAMES[author] ?? NAMES.system);
}

/** A group of buttons. `press` is called with {button, title}. */
function choices(buttons, label, press) {
  const group = h("div", { class: "choices", role: "group", "aria-label": label });
  for (const { title, payload } of buttons) {
    const choose = () => button.getAttribute("aria-disabled") !== "true" && press({ button: payload, title });
    const button = h("button", { type: "button", class: "choice", "data-title": title, click: choose }, title);
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
  const rows = content.facts.map(({ label, value }) => h("div", {}, h("dt", {}, label), h("dd", { dir: "auto" }, ...inline(value))));
  return h(
    "article",
    { class: "card", "aria-labelledby": id },
    h("h3", { id, dir: "auto" }, content.title),
    content.subtitle && h("p", { class: "subtitle", dir: "auto" }, content.subtitle),
    content.notice && h("p", { class: "notice" }, content.notice),
    rows.length > 0 && h("dl", {}, ...rows),
    url && h("p", { class: "more" }, link(url, "Meer info", unseen(` over ${content.title}`))),
    content.buttons.length > 0 && choices(content.buttons, `Wat wil je met ${content.title}?`, press),
  );
}

function day(checked) {
  const date = new Date(`${checked}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? checked : DAY.format(date);
}

function sources(list) {
  const items = list.map(({ title, url, checked }) => {
    const address = url ? safeUrl(url) : null;
    return h("li", {}, "Bron: ", address ? link(address, title) : title, " · nagekeken op ", h("time", { datetime: checked }, day(checked)));
  });
  return h("ul", { class: "sources" }, ...items);
}

function who(name, at) {
  const time = new Date(at);
  return h(
    "p",
    { class: "who" },
    h("span", { class: "name" }, name),
    unseen(", "),
    h("time", { datetime: time.toISOString() }, TIME.format(time)),
  );
}

/** A line of the transcript. `press` is called with {button, title} when one of its buttons is pressed. */
export function lineNode(line, press) {
  const { author, at, text, reply } = line;
  const node = h("div", { class: `line ${author}`, "data-seq": line.seq }, who(nameOf(line), at));
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

/** A mark between lines: from here on somebody else answers. */
export function divider(text) {
  return h("p", { class: "divider" }, h("span", {}, text));
}

/** A message that has no line yet. `status` says where it is; an unsent one has buttons. */
export function pendingNode(item, status, unsent) {
  return h(
    "div",
    { class: "line citizen pending" },
    h("p", { class: "who" }, h("span", { class: "name" }, NAMES.citizen), unseen(", "), h("span", {}, status)),
    h("div", { class: "bubble" }, ...paragraphs(item.text ?? item.title, false)),
    unsent &&
      h(
        "div",
        { class: "tools" },
        h("button", { type: "button", click: unsent.again }, "Stuur opnieuw"),
        h("button", { type: "button", click: unsent.discard }, "Verwijder"),
      ),
  );
}

/** What can be done with one answer. `on`: {simpler, read, vote}; what is absent is not offered. */
export function toolsNode(on, voted) {
  const thumb = (value, label, path) =>
    h("button", { type: "button", "data-vote": value, "aria-label": label, title: label, "aria-pressed": String(voted === value), click: () => vote(value) }, icon(path));
  const node = h(
    "div",
    { class: "tools", role: "group", "aria-label": "Bij dit antwoord" },
    on.simpler && h("button", { type: "button", click: on.simpler }, "Eenvoudiger"),
    on.read && h("button", { type: "button", class: "listen", "aria-label": "Lees dit antwoord voor", title: "Lees voor", click: on.read }, icon(SPEAKER)),
    thumb("up", "Goed antwoord", THUMB_UP),
    thumb("down", "Geen goed antwoord", THUMB_DOWN),
  );
  const vote = async (value) => {
    const said = node.querySelector(".reasons") ?? h("div", { class: "reasons" });
    if (!(await on.vote({ value }))) return;
    for (const button of node.querySelectorAll("[data-vote]")) {
      button.setAttribute("aria-pressed", String(button.dataset.vote === value));
    }
    const send = async (reason) => (await on.vote({ value, reason })) && said.replaceChildren(h("p", { role: "status" }, "Dank je, dat helpt ons."));
    const reasons = Object.entries(REASONS[value]).map(([reason, title]) =>
      h("button", { type: "button", click: () => send(reason) }, title),
    );
    const question = value === "up" ? "Dank je. Wat was goed?" : "Dank je. Wat kan beter?";
    said.replaceChildren(h("p", { role: "status" }, question), h("div", { role: "group", "aria-label": question }, ...reasons));
    node.append(said);
  };
  return node;
}

/** A line as plain text: what a voice reads, and a screen reader hears. */
export function spoken(line, choicesToo = true) {
  const { reply, text } = line;
  if (!reply) return text;
  const parts = [reply.text.replaceAll("**", "")];
  for (const one of reply.cards) {
    const facts = one.facts.map(({ label, value }) => `${label}: ${value}`);
    parts.push([one.title, one.subtitle, one.notice, ...facts].filter(Boolean).join(", ").replaceAll("**", "") + ".");
  }
  if (choicesToo && reply.buttons.length) parts.push(`Keuzes: ${reply.buttons.map((button) => button.title).join(", ")}.`);
  return parts.filter(Boolean).join(" ");
}

/** The whole conversation as plain text, to keep. */
export function transcript(lines) {
  const blocks = lines.map((line) => {
    const { reply } = line;
    const parts = [`${nameOf(line)} (${MOMENT.format(new Date(line.at))})`, reply ? reply.text.replaceAll("**", "") : line.text];
    for (const one of reply?.cards ?? []) {
      const facts = one.facts.map(({ label, value }) => `  ${label}: ${value.replaceAll("**", "")}`);
      parts.push([`* ${one.title}`, one.subtitle && `  ${one.subtitle}`, one.notice && `  (${one.notice})`, ...facts, one.url && `  ${one.url}`].filter(Boolean).join("\n"));
    }
    for (const { title, url, checked } of reply?.sources ?? []) {
      parts.push(`Bron: ${title}${url ? ` ${url}` : ""}, nagekeken op ${day(checked)}`);
    }
    return parts.filter(Boolean).join("\n");
  });
  return `Gesprek met Leerwijzer\n\n${blocks.join("\n\n")}\n`;
}

/** Where somebody else begins to answer, said in words; null where it goes on as before. */
export function handover(before, line) {
  if (line.author === "counsellor" && before !== "counsellor") return `${nameOf(line)}, praat nu met jou`;
  if (line.author === "assistant" && before === "counsellor") return "Je praat weer met Leerwijzer, de digitale assistent";
  return null;
}
