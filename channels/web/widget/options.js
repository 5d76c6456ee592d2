/*
 * The sheet with options: how to read, what to do with the conversation, beginning again, erasing.
 */

import { h, link } from "./dom.js";
import { canHear, canRead } from "./voice.js";

const SIZES = { 1: "Gewoon", 1.2: "Groter", 1.45: "Grootst" };
const LOOKS = { "": "Zoals de site", dark: "Donker", contrast: "Hoog contrast" };

/** A row of buttons of which one is pressed. */
function pick(label, titles, value, take) {
  const buttons = Object.entries(titles).map(([key, title]) =>
    h("button", { type: "button", "aria-pressed": String(key === String(value)), click: () => choose(key) }, title),
  );
  const choose = (key) => {
    Object.keys(titles).forEach((one, index) => buttons[index].setAttribute("aria-pressed", String(one === key)));
    take(key);
  };
  const keys = Object.keys(titles);
  buttons.forEach((button, index) => (button.dataset.key = keys[index]));
  return h("div", { class: "pick", role: "group", "aria-label": label }, h("span", { "aria-hidden": "true" }, label), h("div", {}, ...buttons));
}

/** A switch, with a note that belongs to it. */
function toggle(label, value, take, note) {
  const button = h(
    "button",
    { type: "button", class: "switch", role: "switch", "aria-checked": String(Boolean(value)), click: () => flip() },
    h("span", {}, h("b", {}, label), note && h("small", {}, note)),
    h("i", { "aria-hidden": "true" }),
  );
  const flip = () => {
    const on = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-checked", String(on));
    take(on);
  };
  return button;
}

/**
 * The sheet. `prefs` are the preferences now, `set(name, value)` changes one; `act(name)` does what a button says and may give a
 * text to show; `base` is the address of the server.
 */
export function optionsSheet({ base, prefs, set, act, close }) {
  const said = h("p", { class: "said", role: "status" });
  const run = async (name) => (said.textContent = (await act(name)) ?? "");
  const button = (title, name) => h("button", { type: "button", click: () => run(name) }, title);
  const asks = (title, name, question, yes) => {
    const opener = h("button", { type: "button", "aria-expanded": "false", click: () => ask(true) }, title);
    const sure = h(
      "div",
      { class: "sure", hidden: true },
      h("p", {}, question),
      h("button", { type: "button", class: "strong", click: () => (ask(false), run(name)) }, yes),
      h("button", { type: "button", click: () => ask(false) }, "Nee"),
    );
    const ask = (open) => {
      sure.hidden = !open;
      opener.setAttribute("aria-expanded", String(open));
      (open ? sure.querySelector("button") : opener).focus();
    };
    return [opener, sure];
  };
  return h(
    "div",
    { class: "sheet", role: "group", "aria-label": "Opties" },
    h("h3", { tabindex: "-1" }, "Opties"),
    pick("Letters", SIZES, prefs.size ?? 1, (value) => set("size", Number(value))),
    pick("Kleuren", LOOKS, prefs.look ?? "", (value) => set("look", value)),
    toggle("Eenvoudige woorden", prefs.simple, (on) => set("simple", on), "Korte zinnen, makkelijke woorden."),
    canRead() && toggle("Lees antwoorden voor", prefs.read, (on) => set("read", on)),
    canHear() && toggle("Spreken in plaats van typen", prefs.speak, (on) => set("speak", on), "Let op: je browser kan je stem naar zijn maker sturen."),
    h("h3", {}, "Jouw gesprek"),
    h(
      "div",
      { class: "row" },
      button("Mijn overzicht", "overview"),
      button("Kopieer", "copy"),
      button("Druk af", "print"),
      button("Mail", "mail"),
      button("Download", "download"),
    ),
    ...asks("Begin opnieuw", "restart", "Dan begint een nieuw gesprek. Het oude zie je hier niet meer.", "Ja, begin opnieuw"),
    ...asks("Wis mijn gesprek", "erase", "Dan wissen we alles van dit gesprek. Dat kan niet terug.", "Ja, wis alles"),
    said,
    h("p", { class: "links" }, link(`${base}contact`, "Contact"), link(`${base}privacy`, "Privacy")),
    h("button", { type: "button", class: "strong", click: close }, "Terug naar het gesprek"),
  );
}
