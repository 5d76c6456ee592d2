/*
 * The widget's line to the server: a session, a stream of events that resumes where it broke off, and messages that are sent
 * until the server has them. The transcript comes from the stream alone, so nothing is lost and nothing is shown twice.
 *
 * Dispatches, each with a `detail`:
 *   line      a line of the transcript, each once, in order
 *   live      all lines of before were given; those that follow are new
 *   restart   another conversation begins: forget what was shown
 *   state     "connecting" | "open" | "lost"
 *   floor     who has the floor, see `floor`
 *   waiting   the messages that were sent or are to be sent, and have no line yet
 *   refused   {item, code, message}: a message that the server does not take
 */

import { alone, newId, ofTab, shared } from "./storage.js";

const SILENCE = 40_000; // ms without a byte, where the server writes every 15 s
const HIDDEN = 30_000; // ms out of sight before a tab gives its connection back: a browser has six per site
const STEADY = 5_000; // ms that a stream must have lasted to count as a success
const LONGEST_PAUSE = 8_000;
const TRIES = 2; // attempts that failed before a message is marked as not sent

const connections = new Map();

class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Connection extends EventTarget {
  lines = []; // all of the transcript
  caughtUp = false;
  network = "connecting";
  /** Who has the floor: {floor, name, waiting, typing, read}. */
  floor = { floor: "assistant", read: 0 };
  /** The thumbs that were given before this page came, by line. */
  votes = {};

  #base;
  #entry;
  #session;
  #unsent;
  #prefs;
  #items; // {id, text?, button?, title?, sent, tries}
  #users = 0;
  #last = 0;
  #mark = null;
  #run = null; // one object for each start, so that a loop of before a stop knows that it is over
  #asking = null;
  #reader = null; // AbortController of the stream
  #flushing = false;
  #hideTimer = 0;
  #asleep = false;

  constructor(base, entry, key) {
    super();
    this.#base = base;
    this.#entry = entry;
    this.#session = shared(`session:${key}`);
    this.#unsent = ofTab(`unsent:${key}`);
    this.#prefs = shared(`prefs:${base}`);
    this.#items = this.#unsent.read() ?? [];
  }

  /** The one connection of a page to a conversation; widgets with the same name share it. */
  static of(base, name, entry) {
    const key = name ? `${base}#${name}` : base;
    if (!connections.has(key)) connections.set(key, new Connection(base, entry, key));
    return connections.get(key);
  }

  get waiting() {
    return this.#items;
  }

  start() {
    this.#users += 1;
    if (this.#run) return;
    this.#run = {};
    window.addEventListener("online", this.#again);
    window.addEventListener("offline", this.#offline);
    window.addEventListener("pageshow", this.#again);
    window.addEventListener("storage", this.#stored);
    document.addEventListener("visibilitychange", this.#seen);
    this.#tell("waiting", this.#items);
    this.#listen(this.#run);
    this.#flush();
  }

  stop() {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#run = null;
    window.removeEventListener("online", this.#again);
    window.removeEventListener("offline", this.#offline);
    window.removeEventListener("pageshow", this.#again);
    window.removeEventListener("storage", this.#stored);
    document.removeEventListener("visibilitychange", this.#seen);
    clearTimeout(this.#hideTimer);
    this.#reader?.abort();
    this.#again();
  }

  /** Sends {text} or {button, title}; gives the id under which its line will come back. */
  send(content) {
    const item = { id: newId(), ...content, sent: false };
    this.#items = [...this.#items, item];
    this.#keep();
    this.#flush();
    return item.id;
  }

  /** Tries at once to send what waits. */
  retry() {
    this.#again();
  }

  /** Gives up a message that was not sent. */
  discard(id) {
    if (this.#items.some((item) => item.id === id && !item.sent)) this.#drop(id);
  }

  /** POSTs to the API within the session; gives the answer. */
  async post(path, content) {
    const token = await this.#token();
    try {
      return await this.#ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify(content),
      });
    } catch (error) {
      if (error.status === 401) this.#forget(token);
      throw error;
    }
  }

  /** Leaves this conversation and begins another. */
  startOver() {
    this.#session.clear();
    this.#items = [];
    this.#keep();
    this.#reader?.abort();
    this.#again();
  }

  // -- session ---------------------------------------------------------------------------------------------------------

  async #token() {
    const usable = (kept) => kept && Date.now() < kept.renewAt;
    const kept = this.#session.read();
    if (usable(kept)) return kept.token;
    this.#asking ??= alone(this.#session.name, async () => {
      const newest = this.#session.read(); // another tab may have been first
      if (usable(newest)) return newest.token;
      const headers = { "Content-Type": "application/json" };
      if (newest) headers.Authorization = `Bearer ${newest.token}`;
      const wishes = this.#prefs.read()?.simple ? { simple: true } : {};
      const body = JSON.stringify(this.#entry ? { entry: this.#entry, ...wishes } : wishes);
      const session = await this.#ask("web/session", { method: "POST", headers, body });
      this.#session.write({ token: session.token, renewAt: Date.parse(session.renew_at) });
      return session.token;
    }).finally(() => (this.#asking = null));
    return this.#asking;
  }

  #forget(token) {
    if (this.#session.read()?.token === token) this.#session.clear();
  }

  async #ask(path, options) {
    const response = await fetch(this.#base + path, { cache: "no-store", credentials: "omit", ...options });
    const body = await response.json().catch(() => null);
    if (!response.ok) throw new Refused(response.status, body?.error?.code, body?.error?.message);
    if (!body) throw new TypeError("an answer from something that is not our server");
    return body;
  }

  // -- the stream ------------------------------------------------------------------------------------------------------

  async #listen(run) {
    let failures = 0;
    this.#tell("state", "connecting");
    while (this.#run === run) {
      let token;
      let opened = Infinity;
      while (this.#asleep && this.#run === run) await this.#pause(Infinity);
      try {
        token = await this.#token();
        if (this.#run !== run) return;
        await this.#stream(token, () => (opened = Date.now()));
      } catch (error) {
        if (error instanceof Refused && error.status === 401) this.#forget(token);
      }
      if (this.#run !== run) return;
      if (!this.#asleep) {
        failures = Date.now() - opened > STEADY ? 1 : failures + 1;
        if (failures > 1 || !navigator.onLine) this.#tell("state", "lost");
        await this.#pause(backOff(failures));
      }
    }
  }

  async #stream(token, opened) {
    this.#reader = new AbortController();
    const headers = { Accept: "text/event-stream", Authorization: `Bearer ${token}` };
    if (this.#last) headers["Last-Event-ID"] = String(this.#last);
    const reader = this.#reader;
    let watchdog = 0;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => reader.abort(), SILENCE);
    };
    alive();
    try {
      const response = await fetch(`${this.#base}web/events`, {
        headers,
        cache: "no-store",
        credentials: "omit",
        signal: reader.signal,
      });
      if (!response.ok) throw new Refused(response.status);
      opened();
      this.#tell("state", "open");
      this.#again(); // what waits to be sent need not wait longer
      this.#flush();
      const bytes = response.body.getReader();
      const decoder = new TextDecoder();
      let rest = "";
      for (;;) {
        const { done, value } = await bytes.read();
        if (done) return;
        alive();
        const events = (rest + decoder.decode(value, { stream: true })).split("\n\n");
        rest = events.pop();
        for (const event of events) if (!this.#take(event)) return;
      }
    } finally {
      clearTimeout(watchdog);
      reader.abort();
    }
  }

  /** Takes one event; false when the stream must begin again. */
  #take(text) {
    let name = "line";
    let data = "";
    for (const field of text.split("\n")) {
      if (field.startsWith("event:")) name = field.slice(6).trim();
      else if (field.startsWith("data:")) data += field.slice(5);
    }
    if (!data) return true;
    const detail = JSON.parse(data);
    if (name === "hello") {
      const other = this.#mark !== null && this.#mark !== detail.conversation;
      this.#mark = detail.conversation;
      this.votes = detail.votes ?? {};
      if (!other) return true;
      const resumed = this.#last > 0;
      this.#last = 0;
      this.lines = [];
      this.caughtUp = false;
      this.#items = this.#items.filter((item) => !item.sent);
      this.#keep();
      this.#tell("restart");
      return !resumed; // what came with the old number would begin halfway
    }
    if (name === "floor") this.#tell("floor", (this.floor = detail));
    if (name === "live" && !this.caughtUp) {
      this.caughtUp = true;
      this.#tell("live");
    }
    if (name === "line" && detail.seq > this.#last) {
      this.#last = detail.seq;
      this.lines.push(detail);
      if (detail.message_id) this.#arrived(detail.message_id);
      this.#tell("line", detail);
    }
    return true;
  }

  // -- sending ---------------------------------------------------------------------------------------------------------

  async #flush() {
    if (this.#flushing || !this.#run) return;
    this.#flushing = true;
    let failures = 0;
    for (;;) {
      const item = this.#items.find((one) => !one.sent);
      if (!item || !this.#run) break;
      try {
        const content = item.button ? { button: item.button } : { text: item.text };
        await this.post("web/messages", { id: item.id, ...content });
        failures = 0;
        item.sent = true;
        this.#keep();
      } catch (error) {
        failures += 1;
        const status = error instanceof Refused ? error.status : 0;
        if (status === 401 && failures < 3) {
          this.#reader?.abort(); // the stream goes on in the new session too
        } else if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
          this.#drop(item.id);
          this.#tell("refused", { item, code: error.code, message: error.message });
        } else {
          item.tries = failures;
          if (failures === TRIES) this.#tell("waiting", this.#items);
          await this.#pause(backOff(failures));
        }
      }
    }
    this.#flushing = false;
  }

  #arrived(id) {
    if (this.#items.some((item) => item.id === id)) this.#drop(id);
  }

  #drop(id) {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#keep();
  }

  #keep() {
    this.#unsent.write(this.#items);
    this.#tell("waiting", this.#items);
  }

  // -- pauses ----------------------------------------------------------------------------------------------------------

  #pausing = new Set();

  #pause(ms) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#pausing.delete(end);
        resolve();
      };
      const timer = ms === Infinity ? 0 : setTimeout(end, ms);
      this.#pausing.add(end);
    });
  }

  #again = () => {
    for (const end of [...this.#pausing]) end();
  };

  #offline = () => {
    this.#tell("state", "lost");
    this.#reader?.abort();
  };

  /** Another tab got another session: this one follows. */
  #stored = (event) => {
    if (event.key === this.#session.name && event.newValue !== null) this.#reader?.abort();
  };

  #seen = () => {
    clearTimeout(this.#hideTimer);
    if (document.hidden) {
      this.#hideTimer = setTimeout(() => {
        this.#asleep = true;
        this.#reader?.abort();
      }, HIDDEN);
    } else if (this.#asleep) {
      this.#asleep = false;
      this.#again();
    }
  };

  #tell(type, detail) {
    if (type === "state") this.network = detail;
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Whether a message is to be marked as not sent. */
export function isUnsent(item) {
  return !item.sent && item.tries >= TRIES;
}

/** Milliseconds to wait after so many failures: half a second, doubling, with chance so that not all come back at once. */
function backOff(failures) {
  return Math.min(LONGEST_PAUSE, 250 * 2 ** failures) * (0.75 + Math.random() / 2);
}
