/*
 * <leerwijzer-chat>: the conversation on a page. Attributes: `mode` ("launcher": a button at the bottom right opens a panel;
 * "inline": stands open in the page; "page": fills the window), `theme` ("auto", "light", "dark", "contrast", "vlaanderen"),
 * `entry` names the way in (else `?via=` of the page), `label` the words on the launcher, `name` keeps a conversation apart,
 * `position="left"`. Colours and font are CSS custom properties, see widget.css. Plain DOM in a shadow root, nothing inline, so
 * that it runs under a strict CSP.
 */

import { follow, place } from "./boot.js";
import { Connection, isUnsent } from "./connection.js";
import { h } from "./dom.js";
import { frame } from "./frame.js";
import { copy, download, mail, print } from "./keep.js";
import { choose, divider, handover, lineNode, nameOf, pendingNode, spoken, toolsNode, transcript } from "./lines.js";
import { optionsSheet } from "./options.js";
import { ofTab, shared } from "./storage.js";
import { canHear, canRead, hush, listen, read } from "./voice.js";

const SCRIPT = document.currentScript;
const BASE = new URL(SCRIPT.src.replace(/widget(\/[^/]*)?\.js([?#].*)?$/, ""), location.href).href;
const MAX_TEXT = 3000; // characters in one message, as the server counts them
const COUNT_FROM = 2700;
const TYPING_AFTER = 400; // ms without an answer
const TYPING_ENDS = 60_000;
const TOLD_AGAIN = 3_000; // ms between telling a counsellor that the visitor types
const BY_HAND = 2_000; // ms that a movement of the visitor goes on scrolling
const SIMPLER = "Kan je dat eenvoudiger uitleggen?";
const LEFT_OUT = "Ik kan alleen tekst lezen. Een bestand of foto kan je hier niet sturen.";

const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
const darkness = matchMedia("(prefers-color-scheme: dark)");
const small = matchMedia("(max-width: 30em)"); // as in widget.css
const contrast = matchMedia("(prefers-contrast: more)");

class LeerwijzerChat extends HTMLElement {
  #connection;
  #parts = null;
  #draft;
  #keptPrefs = shared(`prefs:${BASE}`);
  #prefs = {};
  #started = false;
  #live = false; // whether the lines that come are new
  #awaiting = null; // message id that has no answer yet
  #timers = [];
  #pending = new Map(); // message id -> node
  #lost = false;
  #lastAuthor = null; // of the line before, to join what one author says
  #lastVoice = null; // of the last line that was an answer, to mark a change of who answers
  #following = true; // whether the visitor reads the newest lines, and has not scrolled back
  #movedAt = 0; // when the visitor last scrolled
  #answer = null; // the first line of what is being answered
  #tools = null; // under the last line of that answer
  #sheet = null;
  #ear = null; // stops listening
  #toldTyping = 0;
  #toldRead = 0; // the last line of which the counsellor knows that it was read

  connectedCallback() {
    if (!this.#parts) this.#build();
    for (const query of [darkness, contrast]) query.addEventListener("change", this.#dress);
    small.addEventListener("change", this.#modal);
    this.#modal();
    window.addEventListener("storage", this.#otherTab);
    document.addEventListener("visibilitychange", this.#reads);
    if (!this.#closes || !this.#parts.panel.hidden) this.#start();
  }

  disconnectedCallback() {
    for (const query of [darkness, contrast]) query.removeEventListener("change", this.#dress);
    small.removeEventListener("change", this.#modal);
    window.removeEventListener("storage", this.#otherTab);
    document.removeEventListener("visibilitychange", this.#reads);
    if (this.#started) this.#connection.stop();
    this.#started = false;
    hush();
  }

  get #closes() {
    return !["inline", "page"].includes(this.getAttribute("mode"));
  }

  /** Shows the conversation and puts the focus in the input. */
  open() {
    const { panel, launcher, input } = this.#parts;
    if (this.#closes) {
      panel.hidden = false;
      launcher.setAttribute("aria-expanded", "true");
      this.#start();
      this.#toEnd(false);
      this.#typed();
    } else {
      this.scrollIntoView({ block: "nearest" });
    }
    input.focus();
  }

  /** Closes the panel; the focus goes back to the button that opened it. */
  close() {
    const { panel, launcher } = this.#parts;
    if (!this.#closes) return;
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    launcher.focus();
    hush();
  }

  // -- building --------------------------------------------------------------------------------------------------------

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const parts = frame(BASE, { label: this.getAttribute("label") || "Stel je vraag", closes: this.#closes });
    this.#parts = parts;
    parts.panel.hidden = this.#closes;
    parts.root = h("div", { class: "root", lang: "nl-BE", dir: "ltr" }, this.#closes ? parts.launcher : null, parts.panel);
    root.append(parts.root);

    const name = this.getAttribute("name") ?? "";
    const entry = this.getAttribute("entry") ?? new URLSearchParams(location.search).get("via");
    this.#connection = Connection.of(BASE, name, /^[A-Za-z0-9_-]{1,64}$/.test(entry ?? "") ? entry : null);
    this.#draft = ofTab(`draft:${BASE}#${name}`);
    this.#prefs = this.#keptPrefs.read() ?? {};
    this.#dress();
    this.#listen();
    parts.input.value = this.#draft.read() ?? "";
    this.#typed();
  }

  #start() {
    if (this.#started) return;
    this.#started = true;
    const { lines, caughtUp, floor, network } = this.#connection;
    if (!this.#parts.lines.childElementCount) for (const line of lines) this.#line(line);
    this.#floor(floor);
    if (network === "lost") this.#state(network);
    if (caughtUp) this.#caughtUp();
    this.#connection.start();
    this.#waiting(this.#connection.waiting);
  }

  /** Gives it the looks that the visitor, else the site, asks for. */
  #dress = () => {
    const { root, ear } = this.#parts;
    const { look, size, speak } = this.#prefs;
    const asked = look || this.getAttribute("theme") || "auto";
    root.dataset.look = asked !== "auto" ? asked : contrast.matches ? "contrast" : darkness.matches ? "dark" : "light";
    root.toggleAttribute("data-own", !look);
    root.style.setProperty("--zoom", size ?? 1);
    ear.hidden = !(speak && canHear());
  };

  #otherTab = ({ key }) => {
    if (key !== this.#keptPrefs.name) return;
    this.#prefs = this.#keptPrefs.read() ?? {};
    this.#dress();
  };

  #listen() {
    const { launcher, close, more, panel, form, input, log, down, ear } = this.#parts;
    launcher.addEventListener("click", () => (panel.hidden ? this.open() : this.close()));
    close.addEventListener("click", () => this.close());
    more.addEventListener("click", () => this.#options(!this.#sheet));
    ear.addEventListener("click", () => this.#hear());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Tab" && panel.hasAttribute("aria-modal")) this.#keepInside(event);
      if (event.key !== "Escape" || event.isComposing) return;
      if (this.#sheet) this.#options(false);
      else if (this.#closes) this.close();
      else return;
      event.stopPropagation();
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
      if (this.#connection.floor.floor !== "counsellor" || Date.now() - this.#toldTyping < TOLD_AGAIN) return;
      this.#toldTyping = Date.now();
      this.#connection.post("web/typing", {}).catch(() => {});
    });
    const refuse = (event) => {
      const { files } = event.dataTransfer ?? event.clipboardData ?? {};
      if (!files?.length) return;
      event.preventDefault();
      this.#error(LEFT_OUT);
    };
    input.addEventListener("paste", refuse);
    panel.addEventListener("drop", refuse);
    panel.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
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
    const on = (name, take) =>
      this.#connection.addEventListener(name, (event) => this.#started && take(event.detail));
    on("line", (line) => this.#line(line));
    on("live", () => this.#caughtUp());
    on("restart", () => this.#restart());
    on("waiting", (items) => this.#waiting(items));
    on("state", (state) => this.#state(state));
    on("floor", (floor) => this.#floor(floor));
    on("refused", ({ item, message }) => this.#refused(item, message));
  }

  /** Over the whole of a small screen it is a dialog: what lies behind cannot be seen, so the keyboard does not go there. */
  #modal = () => {
    const { panel } = this.#parts;
    const over = this.#closes && small.matches;
    for (const [name, value] of [["role", "dialog"], ["aria-modal", "true"]]) {
      if (over) panel.setAttribute(name, value);
      else panel.removeAttribute(name);
    }
  };

  #keepInside(event) {
    const stops = [...this.#parts.panel.querySelectorAll("a[href], button, textarea, [tabindex='0']")].filter((one) => one.offsetWidth);
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (this.shadowRoot.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }

  // -- options ---------------------------------------------------------------------------------------------------------

  #options(open) {
    const { more, talk, panel, voice } = this.#parts;
    this.#sheet?.remove();
    this.#sheet = null;
    if (open) {
      this.#sheet = optionsSheet({
        base: BASE,
        prefs: this.#prefs,
        set: (name, value) => this.#set(name, value),
        act: (name) => this.#act(name),
        close: () => this.#options(false),
      });
      panel.insertBefore(this.#sheet, voice);
    }
    talk.hidden = open;
    more.setAttribute("aria-expanded", String(open));
    if (open) return this.#sheet.querySelector("h3").focus();
    this.#typed();
    this.#toEnd(false);
    more.focus();
  }

  #set(name, value) {
    this.#prefs = { ...this.#prefs, [name]: value };
    this.#keptPrefs.write(this.#prefs);
    this.#dress();
    if (name === "read" && !value) hush();
    if (name === "simple") this.#connection.post("web/simple", { on: value }).catch(() => {});
  }

  async #act(name) {
    const text = transcript(this.#connection.lines);
    if (name === "overview") {
      this.#options(false);
      this.#send({ text: "Mijn overzicht" });
    } else if (name === "copy") {
      return (await copy(text)) ? "Je gesprek is gekopieerd." : "Kopiëren lukt hier niet. Kies Download.";
    } else if (name === "print") {
      return print(text) ? "" : "Afdrukken lukt hier niet. Kies Download.";
    } else if (name === "mail") {
      mail(text);
    } else if (name === "download") {
      download(text);
      return "Je gesprek staat bij je downloads.";
    } else if (name === "restart") {
      this.#connection.startOver();
      this.#options(false);
    } else if (name === "erase") {
      return this.#erase();
    }
    return "";
  }

  async #erase() {
    try {
      const { total } = await this.#connection.post("web/erase", {});
      this.#clearDraft();
      this.#connection.startOver();
      return `Gewist: alles van dit gesprek (${total} gegevens). Er begint een nieuw gesprek.`;
    } catch (error) {
      return error.code ? error.message : "Wissen lukt nu niet: er is geen verbinding. Probeer het zo nog eens.";
    }
  }

  // -- what the visitor does -------------------------------------------------------------------------------------------

  #submit() {
    const { input } = this.#parts;
    const text = input.value.trim();
    const length = [...text].length;
    if (!length) return this.#error("Typ eerst je vraag.");
    if (length > MAX_TEXT) return this.#error(`Je bericht is te lang: hoogstens ${MAX_TEXT} tekens. Maak het wat korter.`);
    this.#ear?.();
    this.#clearDraft();
    this.#error("");
    this.#send({ text });
  }

  #clearDraft() {
    this.#parts.input.value = "";
    this.#draft.clear();
    this.#typed();
  }

  #send(content) {
    hush();
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

  #hear() {
    const { ear, input } = this.#parts;
    if (this.#ear) return this.#ear();
    const before = input.value ? `${input.value.trim()} ` : "";
    hush();
    ear.setAttribute("aria-pressed", "true");
    this.#say("Ik luister.");
    this.#ear = listen(
      (text) => {
        input.value = before + text;
        input.dispatchEvent(new Event("input"));
      },
      (fault) => {
        this.#ear = null;
        ear.setAttribute("aria-pressed", "false");
        if (fault) this.#error(fault);
        else input.focus();
      },
    );
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
    const { author } = line;
    const node = lineNode(line, (content) => this.#send(content));
    const change = handover(this.#lastVoice, line);
    const firstPending = this.#pending.values().next().value;
    const before = firstPending?.isConnected ? firstPending : null;
    // A message of the system just before says it already.
    if (change && this.#lastAuthor !== "system") lines.insertBefore(divider(change), before);
    else if (author === this.#lastAuthor) node.classList.add("same");
    const first = !lines.querySelector(".line:not(.pending)");
    this.#lastAuthor = author;
    if (author === "assistant" || author === "counsellor") this.#lastVoice = author;
    lines.insertBefore(node, before);
    if (author === "citizen") {
      this.#mark(line.text);
      this.#answer = null;
      this.#tools = null;
      this.#receipt();
      if (this.#live) this.#toEnd(true);
      return;
    }
    this.#answered();
    this.#answer ??= node;
    if (author === "assistant" && !first) this.#offer(node, line);
    if (!this.#live) return;
    this.#speak(line);
    if (this.#following) this.#show(this.#answer);
    else down.hidden = false;
    this.#reads();
  }

  /** Tools under the last line of an answer. */
  #offer(node, line) {
    const said = [...(this.#tools?.said ?? []), line];
    this.#tools?.node.remove();
    const own = said.flatMap(({ reply }) => reply.tools ?? [])[0];
    const simpler = own ? { button: own.payload, title: own.title } : { text: SIMPLER };
    const tools = toolsNode(
      {
        simpler: !this.#prefs.simple && (() => this.#send(simpler)),
        read: canRead() && (() => read(said.map((one) => spoken(one, false)).join("\n"))),
        vote: (vote) =>
          this.#connection.post("web/votes", { seq: line.seq, ...vote }).then(
            () => true,
            () => (this.#error("Dat konden we niet bewaren. Probeer het zo nog eens."), false),
          ),
      },
      this.#connection.votes[line.seq],
    );
    node.append(tools);
    this.#tools = { node: tools, said };
  }

  #caughtUp() {
    if (this.#live) return;
    this.#live = true;
    const { lines } = this.#connection;
    // Only the opening: somebody who has just begun should hear it.
    if (lines.length === 1) this.#speak(lines[0]);
    this.#toEnd(false);
  }

  #restart() {
    this.#parts.lines.replaceChildren();
    this.#pending.clear();
    this.#live = false;
    this.#lastAuthor = this.#lastVoice = this.#answer = this.#tools = null;
    this.#toldRead = 0;
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
      const failed = isUnsent(item) || (this.#lost && !item.sent);
      const status = item.sent ? "verstuurd" : failed ? "nog niet verstuurd" : "wordt verstuurd";
      const old = this.#pending.get(item.id);
      if (old?.dataset.status === status) continue;
      const node = pendingNode(
        item,
        status,
        failed && { again: () => this.#connection.retry(), discard: () => this.#connection.discard(item.id) },
      );
      node.dataset.status = status;
      if (old) old.replaceWith(node);
      else this.#parts.lines.append(node);
      this.#pending.set(item.id, node);
    }
  }

  #state(state) {
    const { status } = this.#parts;
    this.#lost = state === "lost";
    const text = "Geen verbinding. We proberen het opnieuw. Je kan gewoon verder typen. ";
    if (!this.#lost) status.replaceChildren();
    else if (!status.textContent) {
      status.replaceChildren(text, h("a", { href: `${BASE}contact`, target: "_blank", rel: "noopener noreferrer" }, "Of neem contact op"));
    }
    this.#waiting(this.#connection.waiting);
  }

  /** Who has the floor: who answers now, what to expect, what was read. */
  #floor({ floor, name, waiting, typing }) {
    const { role, live, panel, typing: busy } = this.#parts;
    const person = floor === "counsellor";
    const who = name ? `${name}, een mens` : "een medewerker, een mens";
    role.textContent = person && !waiting ? `Je praat met ${who}` : "Digitale assistent";
    panel.querySelector(".what").textContent = person && !waiting ? "Je praat nu met een mens." : "Je praat met een computer, niet met een mens.";
    panel.classList.toggle("person", person && !waiting);
    this.#reads();
    const text = waiting ? `Je wacht op een medewerker. ${waiting}` : "";
    if (live.textContent !== text) live.textContent = text;
    if (person && typing) this.#busy(`${name || "De medewerker"} is aan het typen`);
    else if (person) busy.replaceChildren();
    this.#receipt();
  }

  /** Says under the last line that the visitor wrote in a live talk whether it was read. */
  #receipt() {
    const { lines } = this.#parts;
    lines.querySelector(".receipt")?.remove();
    const { floor, read: seen } = this.#connection.floor;
    const last = [...lines.querySelectorAll(".citizen[data-seq]")].at(-1);
    if (floor === "counsellor" && last) last.append(h("p", { class: "receipt" }, Number(last.dataset.seq) <= seen ? "gelezen" : "afgeleverd"));
  }

  // -- waiting for an answer -------------------------------------------------------------------------------------------

  #expectAnswer() {
    this.#timers.forEach(clearTimeout);
    if (this.#connection.floor.floor === "counsellor") return; // a person answers when she can
    this.#timers = [
      setTimeout(() => this.#lost || this.#busy("Leerwijzer zoekt een antwoord"), TYPING_AFTER),
      setTimeout(() => this.#answered(), TYPING_ENDS),
    ];
  }

  #busy(text) {
    const { typing } = this.#parts;
    if (typing.textContent === text) return;
    typing.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, text));
    if (this.#following) this.#toEnd(true);
  }

  #answered() {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#awaiting = null;
    this.#parts.typing.replaceChildren();
  }

  // -- reading ---------------------------------------------------------------------------------------------------------

  #speak(line) {
    if (!line.reply) return;
    this.#say(`${nameOf(line)}: ${spoken(line)}`);
    if (this.#prefs.read && canRead()) read(spoken(line));
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

  /** Tells a counsellor up to where the visitor has the conversation before their eyes. */
  #reads = () => {
    const { floor, lines } = this.#connection;
    const seq = lines.findLast(({ author }) => author === "counsellor")?.seq ?? 0;
    if (floor.floor !== "counsellor" || seq <= this.#toldRead || document.hidden || this.#parts.panel.hidden || !this.#following) return;
    this.#toldRead = seq;
    this.#connection.post("web/read", { seq }).catch(() => (this.#toldRead = 0));
  };

  #toEnd(smooth) {
    this.#following = true;
    this.#reads();
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

// A page may carry the script twice.
if (!customElements.get("leerwijzer-chat")) {
  customElements.define("leerwijzer-chat", LeerwijzerChat);
  place(SCRIPT);
  follow();
}
