/*
 * <leerwijzer-chat>: the conversation on a page. One line installs it:
 *
 *   <script type="module" src="https://assistent.example/static/widget.js"></script>
 *   <leerwijzer-chat>Contact text for who has no JavaScript</leerwijzer-chat>
 *
 * Attributes: `mode="inline"` stands open in the page (else a button at the bottom right opens a panel), `entry` names the way
 * in (else `?via=` of the page), `theme="light"` or `"dark"` (else what the visitor's system asks). Colours and font are CSS
 * custom properties, see widget.css. Plain DOM in a shadow root, nothing inline, so that it runs under a strict CSP.
 */

import { Connection } from "./connection.js";
import { frame } from "./frame.js";
import { choose, h, lineNode, paragraphs, pendingNode, spoken } from "./render.js";
import { ofTab } from "./storage.js";

const BASE = new URL("../", import.meta.url).href;
const MAX_TEXT = 3000; // characters in one message, as the server counts them
const COUNT_FROM = 2700;
const TYPING_AFTER = 400; // ms without an answer
const TYPING_ENDS = 60_000;
const BY_HAND = 2_000; // ms that a movement of the visitor goes on scrolling

const sheet = new CSSStyleSheet();
const styled = fetch(new URL("./widget.css", import.meta.url))
  .then((response) => response.text())
  .then((css) => sheet.replaceSync(css));

class LeerwijzerChat extends HTMLElement {
  #connection;
  #parts = null;
  #draft = ofTab(`draft:${BASE}`);
  #live = false; // whether the lines that come are new
  #before = []; // the lines that were there when the page came
  #awaiting = null; // message id that has no answer yet
  #timers = [];
  #pending = new Map(); // message id -> node
  #lost = false;
  #lastAuthor = null;
  #following = true; // whether the visitor reads the newest lines, and has not scrolled back
  #movedAt = 0; // when the visitor last scrolled
  #answer = null; // the first line of what is being answered

  connectedCallback() {
    if (!this.#parts) this.#build();
    if (this.inline || !this.#parts.panel.hidden) this.#connection.start();
  }

  disconnectedCallback() {
    this.#connection.stop();
  }

  get inline() {
    return this.getAttribute("mode") === "inline";
  }

  /** Opens the panel and puts the focus in the input. */
  open() {
    const { panel, launcher, input } = this.#parts;
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    this.#connection.start();
    this.#toEnd(false);
    input.focus();
  }

  /** Closes the panel; the focus goes back to the button that opened it. */
  close() {
    const { panel, launcher } = this.#parts;
    if (this.inline) return;
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    launcher.focus();
  }

  // -- building --------------------------------------------------------------------------------------------------------

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const parts = frame(BASE, this.inline);
    this.#parts = parts;
    parts.panel.hidden = !this.inline;
    if (!this.inline) root.append(parts.launcher);
    root.append(parts.panel);

    const entry = this.getAttribute("entry") ?? new URLSearchParams(location.search).get("via");
    this.#connection = new Connection(BASE, /^[A-Za-z0-9_-]{1,64}$/.test(entry ?? "") ? entry : null);
    this.#listen();
    parts.input.value = this.#draft.read() ?? "";
    this.#typed();
  }

  #listen() {
    const { launcher, close, panel, form, input, log, down } = this.#parts;
    launcher.addEventListener("click", () => (panel.hidden ? this.open() : this.close()));
    close.addEventListener("click", () => this.close());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !this.inline) {
        event.stopPropagation();
        this.close();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    input.addEventListener("input", () => {
      this.#draft.write(input.value);
      this.#error("");
      this.#typed();
    });
    let ended = true;
    new ResizeObserver(() => ended && this.#toEnd(false)).observe(log);
    log.addEventListener("scroll", () => {
      ended = this.#atEnd();
      if (ended) down.hidden = true;
      if (ended || Date.now() - this.#movedAt < BY_HAND) this.#following = ended;
    });
    for (const move of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      log.addEventListener(move, () => (this.#movedAt = Date.now()), { passive: true });
    }
    down.addEventListener("click", () => {
      this.#toEnd(true);
      input.focus({ preventScroll: true });
    });
    const on = (name, take) => this.#connection.addEventListener(name, (event) => take(event.detail));
    on("line", (line) => this.#line(line));
    on("live", () => this.#caughtUp());
    on("restart", () => this.#restart());
    on("waiting", (items) => this.#waiting(items));
    on("state", (state) => this.#state(state));
    on("refused", ({ item, message }) => this.#refused(item, message));
  }

  // -- what the visitor does -------------------------------------------------------------------------------------------

  #submit() {
    const { input } = this.#parts;
    const text = input.value.trim();
    const length = [...text].length;
    if (!length) return this.#error("Typ eerst je vraag.");
    if (length > MAX_TEXT) return this.#error(`Je bericht is te lang: hoogstens ${MAX_TEXT} tekens. Maak het wat korter.`);
    input.value = "";
    this.#draft.clear();
    this.#error("");
    this.#typed();
    this.#send({ text });
  }

  #send(content) {
    this.#awaiting = this.#connection.send(content);
    this.#toEnd(true);
    this.#expectAnswer();
  }

  #refused(item, message) {
    const { input } = this.#parts;
    if (item.text && !input.value) {
      input.value = item.text;
      this.#draft.write(item.text);
      this.#typed();
    }
    if (item.id === this.#awaiting) this.#answered();
    this.#error(message || "Dit bericht konden we niet versturen. Probeer het anders te zeggen.");
  }

  #typed() {
    const { input, count } = this.#parts;
    input.style.height = "auto";
    if (input.scrollHeight) input.style.height = `${input.scrollHeight + 2}px`;
    const length = [...input.value.trim()].length;
    const left = MAX_TEXT - length;
    count.textContent = length < COUNT_FROM ? "" : left >= 0 ? `Nog ${left} tekens` : `${-left} tekens te veel`;
    count.classList.toggle("over", left < 0);
  }

  #error(text) {
    const { error, input } = this.#parts;
    if (error.textContent !== text) error.textContent = text;
    if (text) {
      input.setAttribute("aria-invalid", "true");
      input.focus({ preventScroll: true });
    } else {
      input.removeAttribute("aria-invalid");
    }
  }

  // -- what the server says --------------------------------------------------------------------------------------------

  #line(line) {
    const { lines, down } = this.#parts;
    const node = lineNode(line, (content) => this.#send(content));
    if (line.author === this.#lastAuthor) node.classList.add("same");
    this.#lastAuthor = line.author;
    const firstPending = this.#pending.values().next().value;
    lines.insertBefore(node, firstPending?.isConnected ? firstPending : null);
    if (!this.#live) this.#before.push(line);
    if (line.author === "citizen") {
      this.#mark(line.text);
      this.#answer = null;
      if (this.#live) this.#toEnd(true);
      return;
    }
    this.#answered();
    this.#answer ??= node;
    if (!this.#live) return;
    this.#speak(line);
    if (this.#following) this.#show(this.#answer);
    else down.hidden = false;
  }

  #caughtUp() {
    if (this.#live) return;
    this.#live = true;
    // Only the opening: somebody who has just begun should hear it.
    if (this.#before.length === 1) this.#speak(this.#before[0]);
    this.#before = [];
    this.#toEnd(false);
  }

  #restart() {
    this.#parts.lines.replaceChildren();
    this.#pending.clear();
    this.#live = false;
    this.#before = [];
    this.#lastAuthor = null;
    this.#answered();
    this.#waiting(this.#connection.waiting);
  }

  /** Marks the button that was pressed, after a reload too: the newest one with the title that the line carries. */
  #mark(title) {
    const open = [...this.#parts.lines.querySelectorAll(".choice:not(.chosen)")].reverse();
    const button = open.find((one) => one.dataset.title === title && one.getAttribute("aria-disabled") !== "true");
    if (button) choose(button);
  }

  #waiting(items) {
    for (const [id, node] of this.#pending) {
      if (!items.some((item) => item.id === id)) {
        node.remove();
        this.#pending.delete(id);
      }
    }
    for (const item of items) {
      const status = item.sent ? "verstuurd" : this.#lost ? "wacht op verbinding" : "wordt verstuurd";
      const node = pendingNode(item, status);
      const old = this.#pending.get(item.id);
      if (old) old.replaceWith(node);
      else this.#parts.lines.append(node);
      this.#pending.set(item.id, node);
    }
  }

  #state(state) {
    this.#lost = state === "lost";
    this.#parts.status.replaceChildren(
      ...(this.#lost ? paragraphs("Geen verbinding. We proberen het opnieuw. Je kan gewoon verder typen.", false)[0].childNodes : []),
    );
    this.#waiting(this.#connection.waiting);
  }

  // -- waiting for an answer -------------------------------------------------------------------------------------------

  #expectAnswer() {
    this.#timers.forEach(clearTimeout);
    if (this.#lastAuthor === "counsellor") return; // a person answers when she can
    const { typing } = this.#parts;
    const say = (text) => {
      typing.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, text));
      if (this.#following) this.#toEnd(true);
    };
    this.#timers = [
      setTimeout(() => this.#lost || say("Leerwijzer zoekt een antwoord"), TYPING_AFTER),
      setTimeout(() => this.#answered(), TYPING_ENDS),
    ];
  }

  #answered() {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#awaiting = null;
    this.#parts.typing.replaceChildren();
  }

  // -- reading ---------------------------------------------------------------------------------------------------------

  #speak(line) {
    if (line.reply) this.#say(spoken(line));
  }

  /** Hands a whole message to the screen reader, then takes it away so that it is not found twice. */
  #say(text) {
    const node = h("p", {}, text);
    this.#parts.voice.append(node);
    setTimeout(() => node.remove(), 5_000);
  }

  #atEnd() {
    const { log } = this.#parts;
    return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  #scroll(top, smooth) {
    this.#movedAt = 0;
    const calm = !smooth || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#parts.log.scrollTo({ top, behavior: calm ? "instant" : "smooth" });
  }

  #toEnd(smooth) {
    this.#following = true;
    this.#parts.down.hidden = true;
    this.#scroll(this.#parts.log.scrollHeight, smooth);
  }

  /** Shows an answer: its end when all of it fits, else its beginning. */
  #show(node) {
    const { log } = this.#parts;
    const start = node.offsetTop - log.offsetTop - 16;
    this.#scroll(Math.min(start, log.scrollHeight), true);
  }
}

// Without its style it would be unreadable: then the text inside the element stays.
await styled;
customElements.define("leerwijzer-chat", LeerwijzerChat);
