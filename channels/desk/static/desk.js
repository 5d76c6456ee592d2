/*
 * The desk works as plain pages and forms; this makes it live: new lines, the list, who types, what arrived. What is written
 * is kept until the server has it, and is sent again under the same key, so that nothing is lost or said twice.
 */

const AGAIN = 2_000; // ms before a broken stream is opened anew, when the browser gave up
const TYPING = 3_000; // ms between signs that somebody is typing
const READ_AFTER = 200; // ms that lines stand on a page that is looked at before they count as read, together
const title = document.title;
const csrf = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRF-Token"];

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

function post(url, fields, headers = {}) {
  const body = new URLSearchParams(fields);
  return fetch(url, { method: "POST", body, headers: { "X-CSRF-Token": csrf, "X-Desk": "1", "HX-Request": "true", ...headers } });
}

/** Follows a stream for as long as the page stays. `after` gives the number of the last line that stands here. */
function follow(url, after, heard) {
  const open = () => {
    const source = new EventSource(`${url}?after=${after()}`);
    for (const [name, what] of Object.entries(heard)) source.addEventListener(name, (event) => what(JSON.parse(event.data)));
    source.addEventListener("open", () => offline(false));
    source.addEventListener("error", () => {
      offline(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN);
    });
    addEventListener("pagehide", () => source.close(), { once: true });
  };
  open();
}

let offlineTimer = 0;
function offline(is) {
  clearTimeout(offlineTimer);
  const note = $("#offline");
  if (!is) return note?.remove();
  offlineTimer = setTimeout(() => {
    if ($("#offline")) return;
    const node = document.createElement("p");
    node.id = "offline";
    node.className = "notice bad";
    node.textContent = "Geen verbinding. We proberen het opnieuw; wat je schrijft, blijft staan.";
    $("#notice").append(node);
  }, 1_500);
}

const out = () => location.reload();
const refresh = (name) => htmx.trigger(document.body, name);

// -- the list ----------------------------------------------------------------------------------------------------------

function count() {
  const unread = $$("#list [data-unread]").reduce((sum, row) => sum + Number(row.dataset.unread), 0);
  document.title = unread ? `(${unread}) ${title}` : title;
}

let known = new Set($$("#list [data-reference]").map((row) => row.dataset.reference));
function listed() {
  const now = $$("#list [data-reference]").map((row) => row.dataset.reference);
  const fresh = now.filter((reference) => !known.has(reference)).length;
  known = new Set(now);
  if (fresh) $("#news").textContent = fresh === 1 ? "Er is een nieuwe doorverwijzing." : `Er zijn ${fresh} nieuwe doorverwijzingen.`;
  count();
}

// -- one referral ------------------------------------------------------------------------------------------------------

const article = $("article.referral");
const lines = $("#lines");

function atEnd() {
  const page = document.scrollingElement;
  const [inner, outer] = [lines, page].map((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 120);
  return lines.scrollHeight > lines.clientHeight ? inner : outer;
}

function toEnd() {
  lines.scrollTop = lines.scrollHeight;
  if (lines.scrollHeight <= lines.clientHeight && matchMedia("(max-width: 52rem)").matches) lines.lastElementChild?.scrollIntoView({ block: "end" });
}

function last() {
  return Math.max(Number(article.dataset.after), ...$$("[data-seq]", lines).map((line) => Number(line.dataset.seq)));
}

function line({ seq, html, author }) {
  if (document.getElementById(`line-${seq}`)) return;
  const follows = atEnd() || author === "counsellor";
  $("#no-lines")?.remove();
  const template = document.createElement("template");
  template.innerHTML = html;
  const node = template.content.firstElementChild;
  const next = $$("[data-seq]", lines).find((other) => Number(other.dataset.seq) > seq) ?? $(".unsent", lines);
  lines.insertBefore(node, next ?? null);
  $(`.unsent[data-is="${seq}"]`, lines)?.remove();
  if (author === "citizen") {
    typing({ on: false });
    look();
  }
  if (follows) toEnd();
}

// -- reading: the person sees "gelezen" once somebody looks at the page

let looked = 0; // the last line that the server knows was read
let looking = 0;
function look() {
  clearTimeout(looking);
  const seq = last();
  if (document.hidden || seq <= looked) return;
  looking = setTimeout(async () => {
    try {
      const response = await post(article.dataset.read, { seq });
      if (response.ok) looked = Math.max(looked, seq);
    } catch {
      looking = setTimeout(look, AGAIN);
    }
  }, READ_AFTER);
}

function typing({ on }) {
  $("#typing").textContent = on ? "De persoon is aan het typen…" : "";
}

function delivery({ lines: found }) {
  for (const [seq, { text, bad }] of Object.entries(found)) {
    const node = $(`#line-${seq} .delivery`);
    if (!node) continue;
    node.textContent = text;
    node.classList.toggle("bad", bad);
  }
}

function gone() {
  location.href = "/desk";
}

// -- writing -----------------------------------------------------------------------------------------------------------

function unsent(text) {
  const node = document.createElement("div");
  node.className = "said counsellor unsent";
  const body = document.createElement("p");
  body.textContent = text;
  const state = document.createElement("p");
  state.className = "delivery";
  state.textContent = "wordt verstuurd";
  node.append(body, state);
  lines.append(node);
  toEnd();
  return node;
}

async function deliver(url, text, key, node) {
  const state = $(".delivery", node);
  $(".row", node)?.remove();
  state.classList.remove("bad");
  state.textContent = "wordt verstuurd";
  try {
    const response = await post(url, { text, key });
    if (response.ok) {
      const seq = await response.text();
      node.dataset.is = seq;
      if (document.getElementById(`line-${seq}`)) node.remove();
      return;
    }
    if (response.status === 401) return out();
    const said = document.createElement("template");
    said.innerHTML = await response.text();
    failed(said.content.textContent.replace("Let op.", "").trim() || "Niet verstuurd.");
  } catch {
    failed("Niet verstuurd: geen verbinding.");
  }

  function failed(reason) {
    state.textContent = reason;
    state.classList.add("bad");
    const row = document.createElement("p");
    row.className = "row";
    for (const [label, what] of [["Opnieuw", () => deliver(url, text, key, node)], ["Weg ermee", () => node.remove()]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button second";
      button.textContent = label;
      button.addEventListener("click", what);
      row.append(button);
    }
    node.append(row);
  }
}

let typed = 0;
function write() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "composer") return;
    event.preventDefault();
    const text = form.text.value.trim();
    if (!text) return;
    deliver(form.action, text, form.key.value, unsent(text));
    form.text.value = "";
    form.key.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    typed = 0;
    form.text.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "text" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "text" || !event.target.value || Date.now() - typed < TYPING) return;
    typed = Date.now();
    post(event.target.form.dataset.typing, { still: "1" }).catch(() => {});
  });
}

// What is being typed survives a refresh of the form around it.
let kept = null;
document.body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const old = detail.target.id === "composer" && $("#text");
  if (old) kept = { text: old.value, key: old.form.key.value, focus: document.activeElement === old, at: old.selectionStart };
});
document.body.addEventListener("htmx:oobAfterSwap", () => {
  const now = $("#text");
  if (!kept || !now) return;
  now.value = kept.text;
  now.form.key.value = kept.key;
  if (kept.focus) {
    now.focus();
    now.setSelectionRange(kept.at, kept.at);
  }
  kept = null;
});

// -- menus and notices -------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  for (const menu of $$(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const canned = event.target.closest("[data-text]");
  if (canned) {
    const text = $("#text");
    text.setRangeText(canned.dataset.text, text.selectionStart, text.selectionEnd, "end");
    canned.closest("details").open = false;
    text.focus();
  }
  if (event.target.closest("[data-print]")) print();
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.(".menu[open]");
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
});
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "notice") detail.target.focus();
  if (detail.target.id === "list") listed();
});

// -- begin -------------------------------------------------------------------------------------------------------------

if ($("#list")) {
  count();
  const heard = { list: () => refresh("list"), out };
  if (article) {
    toEnd();
    write();
    looked = document.hidden ? 0 : Number(article.dataset.after); // opening the page is reading it
    document.addEventListener("visibilitychange", look);
    Object.assign(heard, { line, typing, delivery, gone, stand: () => refresh("stand") });
    follow(article.dataset.events, last, heard);
  } else follow($("#list").dataset.events, () => 0, heard);
}
