// @ts-check
/** What only the desk needs: drafts that survive, a second call not too soon, letters on or off. */
import "../nowserving.js";

const skew = Number(document.body.dataset.clock) * 1000 - Date.now() || 0;

/** The places where somebody writes. @returns {NodeListOf<HTMLTextAreaElement>} */
const drafts = () => document.querySelectorAll("textarea[data-draft]");

/** @param {HTMLTextAreaElement} text */
const keptAs = text => `draft ${text.dataset.draft}`;

/** @param {HTMLTextAreaElement} text @param {boolean} kept */
function tell(text, kept) {
  const said = text.form?.querySelector("[data-kept]");
  if (said instanceof HTMLElement) said.hidden = !kept;
}

/** Give back what was being written here before the page was left. */
function restore() {
  for (const text of drafts()) {
    const kept = localStorage.getItem(keptAs(text));
    if (kept && !text.value) text.value = kept;
    tell(text, !!kept);
  }
}

document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLTextAreaElement) || !target.dataset.draft) return;
  if (target.value) localStorage.setItem(keptAs(target), target.value);
  else localStorage.removeItem(keptAs(target));
  tell(target, !!target.value);
});

document.addEventListener("posted", event => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!(/** @type {CustomEvent} */ (event).detail.ok)) return;
  for (const text of drafts()) {
    if (text.form !== form) continue;
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

document.addEventListener("drawn", () => { restore(); soon(); });
setInterval(soon, 500);
restore();
soon();
show();
