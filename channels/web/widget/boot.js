/*
 * What the script tag asks for. It makes an element, unless the page placed some itself:
 *
 *   <script src="https://assistent.example/widget.js" defer data-mode="launcher" data-theme="vlaanderen"></script>
 *
 * A link to #leerwijzer opens the conversation, from the page itself and from elsewhere.
 */

import { h } from "./dom.js";

const TAG = "leerwijzer-chat";
const HASH = "#leerwijzer";
const ATTRIBUTES = ["mode", "theme", "entry", "label", "name", "position"];

/** Puts a widget on the page as the script's `data-` attributes say. */
export function place(script) {
  if (!script || (document.querySelector(TAG) && !script.dataset.mode)) return;
  const wanted = ATTRIBUTES.filter((name) => script.dataset[name]).map((name) => [name, script.dataset[name]]);
  const element = h(TAG, Object.fromEntries(wanted));
  const { target } = script.dataset;
  const where = target ? document.querySelector(target) : null;
  if (target && !where) console.error(`Leerwijzer: op deze pagina staat geen ${target}.`);
  if (where) where.replaceChildren(element);
  else if (script.dataset.mode === "inline") script.before(element);
  else document.body.append(element);
}

/** Opens the conversation for who follows a link to it. */
export function follow() {
  const open = () => document.querySelector(TAG)?.open?.();
  document.addEventListener("click", (event) => {
    const anchor = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (anchor?.getAttribute("href") !== HASH) return;
    event.preventDefault();
    open();
  });
  window.addEventListener("hashchange", () => location.hash === HASH && open());
  if (location.hash === HASH) open();
}
