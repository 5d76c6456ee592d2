/*
 * The frame of the widget: launcher, panel, transcript, input. Every part that a screen reader needs to know of has its
 * role and name here.
 */

import { h, icon } from "./render.js";

const SIGNPOST = "M11 2h2v2h6l3 3-3 3h-6v2h5v6h-5v4h-2v-4H5l-3-3 3-3h6v-2H6V4h5V2Z";
const SEND = "M3 20.5 21 12 3 3.5v6.6l11 1.9-11 1.9v6.6Z";
const CLOSE = "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4 6.4 5Z";
const DOWN = "m12 16.6-7-7L6.4 8l5.6 5.7L17.6 8 19 9.5l-7 7Z";

/** The parts of the widget; `panel` holds all but the launcher. `base` is the address of the server. */
export function frame(base, inline) {
  const launching = { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel" };
  const unseen = { class: "unseen" };
  const parts = {
    launcher: h("button", launching, icon(SIGNPOST), "Stel je vraag"),
    close: h("button", { type: "button", class: "close", "aria-label": "Sluit het gesprek" }, icon(CLOSE)),
    log: h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": "Gesprek", tabindex: "0" }),
    lines: h("div", { class: "lines" }),
    typing: h("p", { class: "typing", role: "status" }),
    down: h("button", { type: "button", class: "down", hidden: true }, icon(DOWN), "Nieuw bericht"),
    voice: h("div", { ...unseen, "aria-live": "polite", "aria-atomic": "false", "aria-relevant": "additions" }),
    status: h("p", { class: "connection", role: "status" }),
    error: h("p", { class: "error", id: "error", role: "alert" }),
    input: h("textarea", {
      id: "input",
      rows: 1,
      autocomplete: "off",
      enterkeyhint: "send",
      placeholder: "Typ hier je vraag",
      "aria-describedby": "error count",
    }),
    count: h("p", { class: "count", id: "count", "aria-live": "polite" }),
    send: h("button", { type: "submit", class: "send" }, icon(SEND), h("span", {}, "Stuur")),
  };
  parts.log.append(parts.lines, parts.typing);
  parts.form = h(
    "form",
    { class: "composer", novalidate: true },
    parts.error,
    h("label", { for: "input", ...unseen }, "Jouw vraag of antwoord"),
    h("div", { class: "field" }, parts.input, parts.send),
    parts.count,
  );
  const there = { href: `${base}privacy`, target: "_blank", rel: "noopener" };
  const privacy = h("a", there, "Privacy", h("span", unseen, " (nieuw venster)"));
  parts.panel = h(
    "section",
    { id: "panel", class: "panel", "aria-labelledby": "title" },
    h(
      "header",
      {},
      h("span", { class: "logo" }, icon(SIGNPOST)),
      h("div", { class: "titles" }, h("h2", { id: "title" }, "Leerwijzer"), h("p", {}, "Digitale assistent")),
      inline ? null : parts.close,
    ),
    h("div", { class: "middle" }, parts.log, parts.down),
    parts.status,
    parts.form,
    h("p", { class: "foot" }, "Je praat met een computer, niet met een mens. ", privacy),
    parts.voice,
  );
  return parts;
}
