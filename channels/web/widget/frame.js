/*
 * The frame of the widget: launcher, panel, transcript, input. Every part that a screen reader needs to know of has its
 * role and name here.
 */

import { h, icon, link } from "./dom.js";

const SIGNPOST = "M11 2h2v2h6l3 3-3 3h-6v2h5v6h-5v4h-2v-4H5l-3-3 3-3h6v-2H6V4h5V2Z";
const SEND = "M3 20.5 21 12 3 3.5v6.6l11 1.9-11 1.900v6.6Z";
const CLOSE = "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4 6.4 5Z";
const DOWN = "m12 16.6-7-7L6.4 8l5.6 5.7L17.6 8 19 9.5l-7 7Z";
const SLIDERS = "M4 5h9v2H4V5Zm13 0h3v2h-3v2h-2V3h2v2ZM4 11h3V9h2v6H7v-2H4v-2Zm7 0h9v2h-9v-2Zm-7 6h9v2H4v-2Zm13 0h3v2h-3v2h-2v-6h2v2Z";
const EAR = "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.900V21h2v-3.100A7 7 0 0 0 19 11h-2Z";

/** The parts of the widget; `panel` holds all but the launcher. `base` is the address of the server. */
export function frame(base, { label, closes }) {
  const parts = {
    launcher: h("button", { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel" }, icon(SIGNPOST), label),
    more: h("button", { type: "button", class: "tool", "aria-label": "Opties", title: "Opties", "aria-expanded": "false" }, icon(SLIDERS)),
    close: h("button", { type: "button", class: "tool close", "aria-label": "Sluit het gesprek", title: "Sluit" }, icon(CLOSE)),
    log: h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": "Gesprek", tabindex: "0" }),
    lines: h("div", { class: "lines" }),
    typing: h("p", { class: "typing", role: "status" }),
    down: h("button", { type: "button", class: "down", hidden: true }, icon(DOWN), "Nieuw bericht"),
    voice: h("div", { class: "unseen voice", "aria-live": "polite", "aria-atomic": "false", "aria-relevant": "additions" }),
    status: h("p", { class: "connection", role: "status" }),
    live: h("div", { class: "live", role: "status" }),
    role: h("p", { class: "is" }, "Digitale assistent"),
    error: h("p", { class: "error", id: "error", role: "alert" }),
    input: h("textarea", {
      id: "input",
      rows: 1,
      autocomplete: "off",
      enterkeyhint: "send",
      placeholder: "Typ hier je vraag",
      "aria-describedby": "error count",
    }),
    ear: h("button", { type: "button", class: "ear", "aria-label": "Spreek je vraag in", "aria-pressed": "false", hidden: true }, icon(EAR)),
    count: h("p", { class: "count", id: "count", "aria-live": "polite" }),
    send: h("button", { type: "submit", class: "send" }, icon(SEND), h("span", {}, "Stuur")),
  };
  parts.log.append(parts.lines, parts.typing);
  parts.form = h(
    "form",
    { class: "composer", novalidate: true },
    parts.error,
    h("label", { for: "input", class: "unseen" }, "Jouw vraag of antwoord"),
    h("div", { class: "field" }, parts.input, parts.ear, parts.send),
    parts.count,
  );
  parts.talk = h(
    "div",
    { class: "talk" },
    h("div", { class: "middle" }, parts.log, parts.down),
    parts.status,
    parts.form,
    h("p", { class: "foot" }, h("span", { class: "what" }, "Je praat met een computer, niet met een mens."), " ", link(`${base}privacy`, "Privacy")),
  );
  parts.panel = h(
    "section",
    { id: "panel", class: "panel", "aria-labelledby": "title" },
    h(
      "div", // a <header> would be the banner of the page once the panel is a dialog
      { class: "head" },
      h("span", { class: "logo" }, icon(SIGNPOST)),
      h("div", { class: "titles" }, h("h2", { id: "title" }, "Leerwijzer"), parts.role),
      parts.more,
      closes ? parts.close : null,
    ),
    parts.live,
    parts.talk,
    parts.voice,
  );
  return parts;
}
