/*
 * The conversation outside the widget: on the clipboard, on paper, in a mail, in a file. All of it is made in the browser.
 */

import { h } from "./dom.js";

const MAIL = 1_800; // characters that a mail link carries everywhere

/** Puts a text on the clipboard; false when the browser does not let us. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page without https has no clipboard: the old way.
    const area = h("textarea", { readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Saves a text as a file. */
export function download(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const anchor = h("a", { href: url, download: "gesprek-leerwijzer.txt" });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Opens the visitor's own mail program; the end of a long conversation goes along. */
export function mail(text) {
  const short = text.length > MAIL ? `(het begin staat er niet bij)\n...${text.slice(-MAIL)}` : text;
  h("a", { href: `mailto:?subject=${encodeURIComponent("Mijn gesprek met Leerwijzer")}&body=${encodeURIComponent(short)}` }).click();
}

/** Prints a text from a window of its own, without the page around. False when the browser opens none. */
export function print(text) {
  const page = window.open("", "_blank", "width=800,height=900");
  if (!page) return false;
  const sheet = new page.CSSStyleSheet();
  sheet.replaceSync("body{font:12pt/1.5 system-ui,sans-serif;margin:2rem auto;max-width:42rem;overflow-wrap:anywhere;white-space:pre-wrap}");
  page.document.adoptedStyleSheets = [sheet];
  page.document.title = "Gesprek met Leerwijzer";
  page.document.documentElement.lang = "nl-BE";
  page.document.body.textContent = text;
  page.print();
  return true;
}
