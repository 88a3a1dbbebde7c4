// @ts-check
/**
 * Makes a page live. Every page works without it; it only saves waiting and reloading.
 * Never does it move focus, caret or scroll, and it leaves a region alone while somebody
 * types there.
 */

const TYPING = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
/** Is what is drawn the answer to something done on this very page? */
let mine = false, posts = 0;
const skew = Number(document.body.dataset.clock) * 1000 - Date.now() || 0;

/** @param {string} id */
const byId = id => document.getElementById(id);

/** Is somebody typing inside this element? @param {Element} element */
const typing = element =>
  !!document.activeElement?.matches(TYPING) && element.contains(document.activeElement);

// --- keyed replace ------------------------------------------------------------------------

/** Is this a part that must be left alone now? @param {Element} part */
const busy = part => part.matches("[data-part]")
  && (typing(part) || (!mine && part.matches("[data-part=calm]") && part.contains(document.activeElement)));

/** Make `old` look like `fresh`; equal nodes stay. @param {Element} old @param {Element} fresh */
export function patch(old, fresh) {
  if (old.isEqualNode(fresh) || busy(old)) return;
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (!old.matches("textarea, select, [data-own]")) children(old, fresh);
}

/** @param {Node} node */
const name = node => node instanceof Element ? node.id || node.getAttribute("data-id") || "" : "";

/** @param {Element} old @param {Element} fresh */
function children(old, fresh) {
  const named = new Map([...old.children].filter(name).map(child => [name(child), child]));
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let match = name(wanted) ? named.get(name(wanted)) : at && !name(at) ? at : null;
    if (match && match.nodeName !== wanted.nodeName) match = null;
    if (!match) {
      old.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (match !== at && match.contains(document.activeElement)) {
      while (at && at !== match) { // moving a node would take its focus: move those before it
        const next = at.nextSibling;
        old.append(at);
        at = next;
      }
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    if (match instanceof Element) patch(match, /** @type {Element} */ (wanted));
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    if (!(at instanceof Element && !mine && typing(at))) at.remove();
    at = next;
  }
}

/** Draw what a server sent: each element replaces its namesake. @param {string} html */
function draw(html) {
  const sent = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of [...sent.body.children]) {
    const old = byId(fresh.id);
    if (fresh.id === "toasts") [...fresh.children].forEach(toast => undo(/** @type {HTMLElement} */ (toast)));
    else if (old) patch(old, fresh);
  }
  tick();
  document.dispatchEvent(new Event("drawn"));
}

// --- live regions ---------------------------------------------------------------------------

/**
 * Keep a region true: its `data-live` is a stream, its `data-now` what it shows. With
 * `data-always` it listens in a hidden tab too. Where very many watch one thing, `data-calm`
 * inside it says how many milliseconds a change may wait that is not about its own case.
 * @param {HTMLElement} region
 */
export function live(region) {
  const banner = byId("not-live");
  /** @type {EventSource | null} */ let source = null;
  let etag = "", failed = 0, heard = 0, asking = false, again = false, late = 0, calming = 0, later = 0;
  const hidden = () => document.hidden && !("always" in region.dataset);

  const trouble = () => { late ||= window.setTimeout(() => banner && (banner.hidden = false), 3000); };
  const fine = () => { clearTimeout(late); late = 0; if (banner) banner.hidden = true; };

  async function look() {
    if (asking) { again = true; return; }
    asking = true;
    const start = Date.now(), before = posts;
    try {
      const answer = await fetch(region.dataset.now || "", { headers: etag ? { "If-None-Match": etag } : {}, signal: AbortSignal.timeout(10000) });
      if (answer.status === 401) return location.reload();
      if (!answer.ok && answer.status !== 304) throw answer.status;
      if (answer.status === 200) {
        const html = await answer.text();
        if (before !== posts) again = true; // older than what we have just been answered
        else { etag = answer.headers.get("ETag") || ""; draw(html); }
      }
      if (failed < 2 && navigator.onLine) fine();
    } catch {
      trouble();
      later ||= window.setTimeout(() => { later = 0; if (!hidden()) look(); }, 3000); // the stream may well be fine and tell of it no more
    }
    await new Promise(done => setTimeout(done, start + 250 - Date.now()));
    asking = false;
    if (again) { again = false; look(); }
  }
  function listen() {
    source?.close();
    source = new EventSource(region.dataset.live || "");
    source.onopen = () => { failed = 0; heard = Date.now(); look(); };
    source.onmessage = ({ data }) => {
      heard = Date.now();
      const calm = Number(region.querySelector("[data-calm]")?.getAttribute("data-calm"));
      if (!calm || data.startsWith("case:")) look();
      else calming ||= window.setTimeout(() => { calming = 0; look(); }, Math.random() * calm);
    };
    source.addEventListener("beat", () => { heard = Date.now(); });
    source.onerror = () => { failed++; trouble(); if (source?.readyState === 2) { source = null; setTimeout(wake, 3000); } };
  }
  const wake = () => { if (!hidden() && !source) listen(); };

  addEventListener("offline", () => { failed++; trouble(); });
  addEventListener("online", listen);
  document.addEventListener("visibilitychange", () => {
    if (hidden()) { source?.close(); source = null; } else if (source) look(); else listen();
  });
  document.addEventListener("focusout", event => /** @type {Element} */ (event.target).matches(TYPING) && setTimeout(look));
  document.addEventListener("posted", () => { etag = ""; });
  region.addEventListener("look", look);
  setInterval(() => {
    if (hidden()) return;
    if (source && Date.now() - heard > 40000) { failed++; trouble(); listen(); }
    if (failed > 1) look();
  }, 15000);
  wake();
}

// --- forms ----------------------------------------------------------------------------------

/** Send a form without leaving the page: once, however often it is pressed. @param {HTMLFormElement} form @param {HTMLElement | null} [button] */
export async function post(form, button = null) {
  if (form.dataset.busy || button?.matches("[aria-disabled=true]")) return;
  const asked = button || form, to = button?.getAttribute("formaction") || form.action;
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form, button)));
  const key = asked.dataset.once ||= [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
  const label = button?.querySelector("[data-busy]");
  const said = label?.textContent || "";
  form.dataset.busy = "1";
  button?.setAttribute("aria-busy", "true");
  if (label) label.textContent = label.getAttribute("data-busy");
  let html = "", ok = false;
  for (let left = 2; left--;) {
    try {
      const answer = await fetch(to, { method: "POST", body, headers: { "Idempotency-Key": key, "X-Fragment": "1" }, signal: AbortSignal.timeout(10000) });
      if (answer.status === 401) return location.reload();
      html = await answer.text();
      if (answer.status < 502) { ok = answer.ok; delete asked.dataset.once; break; }
    } catch { if (left) await new Promise(done => setTimeout(done, 1000)); }
  }
  delete form.dataset.busy;
  button?.removeAttribute("aria-busy");
  if (label) label.textContent = said;
  const lost = byId("not-sent");
  if (lost) lost.hidden = !asked.dataset.once;
  if (asked.dataset.once) return;
  form.dispatchEvent(new CustomEvent("posted", { bubbles: true, detail: { ok } }));
  posts++;
  mine = true;
  draw(html);
  mine = false;
  if (!document.activeElement || document.activeElement === document.body)
    /** @type {HTMLElement | null} */ (document.querySelector("[data-home]"))?.focus({ preventScroll: true });
}

// --- keys, words, toasts, clocks --------------------------------------------------------------

/** Press a button by its letter, unless somebody types or has switched letters off. @param {KeyboardEvent} event */
export function keys(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || localStorage.getItem("keys") === "off") return;
  if (event.target instanceof Element && event.target.matches(TYPING)) return;
  const key = /^[ -~]$/.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  const open = document.querySelector("dialog[open], :popover-open") || document;
  const found = [...open.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(one => /** @type {HTMLElement} */ (one).checkVisibility());
  if (!(found instanceof HTMLElement)) return;
  event.preventDefault();
  if (found.matches(TYPING)) found.focus(); else found.click();
}

/** Say something to people who do not see it. @param {string} text @param {"polite" | "assertive"} [how] */
export function announce(text, how = "polite") {
  const place = byId(how);
  if (place) { place.textContent = ""; setTimeout(() => { place.textContent = text; }, 50); }
}

/** Show what was done, for as long as it can be undone. @param {HTMLElement} toast */
export function undo(toast) {
  const place = byId("toasts");
  if (!place) return;
  place.replaceChildren(toast);
  announce(toast.querySelector("[data-say]")?.textContent || "", toast.dataset.how === "assertive" ? "assertive" : "polite");
  let left = Number(toast.dataset.for) || 10;
  const counting = setInterval(() => {
    const shown = toast.querySelector("[data-left]");
    if (--left > 0 && toast.isConnected) { if (shown) shown.textContent = String(left); return; }
    clearInterval(counting);
    if (!toast.contains(document.activeElement)) toast.remove();
    else toast.addEventListener("focusout", () => toast.remove());
  }, 1000);
}

/** Let every clock count on by the server's time. */
function tick() {
  for (const clock of document.querySelectorAll("time[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() + skew) / 1000) - Number(clock.getAttribute("data-since")));
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60);
    const text = clock.getAttribute("data-in") === "minutes" ? String(minutes)
      : (hours ? `${hours}:${two(minutes % 60)}` : minutes) + ":" + two(seconds % 60);
    if (clock.textContent !== text) clock.textContent = text;
  }
}

document.addEventListener("submit", event => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-post]") || event.defaultPrevented) return;
  event.preventDefault();
  post(form, /** @type {SubmitEvent} */ (event).submitter);
});
document.addEventListener("keydown", keys);
setInterval(tick, 1000);
document.querySelectorAll("#toasts > *").forEach(toast => undo(/** @type {HTMLElement} */ (toast)));
document.querySelectorAll("[data-live]").forEach(region => live(/** @type {HTMLElement} */ (region)));
