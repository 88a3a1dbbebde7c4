// @ts-check
/** What only the desk needs: drafts that survive, a second call not too soon, letters on or off. */
import "../nowserving.js";

const skew = Number(document.body.dataset.clock) * 1000 - Date.now() || 0;

/** The places where somebody writes. @returns {NodeListOf<HTMLTextAreaElement>} */
const drafts = () => document.querySelectorAll("textarea[data-draft]");

/** @param {HTMLTextAreaElement} text */
const keptAs = text => `draft ${text.dataset.draft}`;

const SAVE_AFTER = 300, AGAIN_AFTER = 3000; // milliseconds
let timer = 0, saving = false;

/** @param {HTMLTextAreaElement} text @param {boolean} kept only in this browser @param {string} [saved] */
function tell(text, kept, saved = "") {
  const here = text.form?.querySelector("[data-kept]"), there = text.form?.querySelector("[data-saved]");
  if (here instanceof HTMLElement) here.hidden = !kept;
  if (there) there.textContent = saved;
}

/** Give back what was being written here before the page was left, and save it. */
function restore() {
  for (const text of drafts()) {
    const kept = localStorage.getItem(keptAs(text));
    if (kept === null || kept === text.value && !text.dataset.save) continue;
    if (text !== document.activeElement) text.value = kept;
    tell(text, !!kept);
    if (text.dataset.save && !timer && !saving) later(text);
  }
}

/** @param {HTMLTextAreaElement} text @param {number} [after] */
function later(text, after = SAVE_AFTER) {
  clearTimeout(timer);
  timer = window.setTimeout(() => { timer = 0; save(text); }, after);
}

/** Have the server keep a remark that is still being written; until it does, this browser keeps it. @param {HTMLTextAreaElement} text */
async function save(text) {
  if (!text.isConnected || !text.form || localStorage.getItem(keptAs(text)) === null) return;
  if (saving) return later(text);
  const words = text.value, csrf = /** @type {HTMLInputElement} */ (text.form.elements.namedItem("csrf")).value;
  saving = true;
  const answer = await fetch(text.dataset.save || "", {
    method: "POST", body: new URLSearchParams({ csrf, text: words }), headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(10000),
  }).catch(() => null);
  const saved = answer?.ok ? await answer.text().catch(() => null) : null;
  saving = false;
  if (saved === null) { if (!answer || answer.status >= 500) later(text, AGAIN_AFTER); return; }
  if (text.value !== words) return later(text);
  localStorage.removeItem(keptAs(text));
  tell(text, false, saved);
}

document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLTextAreaElement) || !target.dataset.draft) return;
  if (target.value || target.dataset.save) localStorage.setItem(keptAs(target), target.value);
  else localStorage.removeItem(keptAs(target));
  tell(target, !!target.value);
  if (target.dataset.save) later(target);
});

/** @param {HTMLFormElement} form @param {HTMLTextAreaElement} text */
const takesAlong = (form, text) => !!text.dataset.save && text.form !== form
  && form.action.includes(text.dataset.save.replace(/draft$/, ""));

/** What was taken along, and is a note if its place is not drawn any more. */
let gone = "";
function forget() {
  if (gone && ![...drafts()].some(text => keptAs(text) === gone)) localStorage.removeItem(gone);
  gone = "";
}

/** Whatever is done to a case takes along what was being written on it. */
document.addEventListener("formdata", event => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  for (const text of drafts())
    if (takesAlong(form, text)) event.formData.set("draft", text.value);
});

document.addEventListener("posted", event => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!(/** @type {CustomEvent} */ (event).detail.ok)) return;
  for (const text of drafts()) {
    if (takesAlong(form, text)) gone = keptAs(text);
    if (text.form !== form) continue;
    clearTimeout(timer);
    timer = 0;
    localStorage.removeItem(keptAs(text));
    text.value = "";
    tell(text, false);
  }
});

/** Nobody is called twice within a moment. */
function soon() {
  for (const button of document.querySelectorAll("button[data-after]")) {
    const early = (Date.now() + skew) / 1000 < Number(button.getAttribute("data-after"));
    if (early) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

const letters = /** @type {HTMLInputElement | null} */ (document.getElementById("letters"));
function show() {
  const off = localStorage.getItem("keys") === "off";
  document.body.classList.toggle("no-letters", off);
  if (letters) letters.checked = !off;
}
letters?.addEventListener("change", () => {
  if (letters.checked) localStorage.removeItem("keys");
  else localStorage.setItem("keys", "off");
  show();
});

document.addEventListener("drawn", () => { forget(); restore(); soon(); });
setInterval(soon, 500);
restore();
soon();
show();
