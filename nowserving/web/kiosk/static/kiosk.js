// @ts-check
/**
 * Makes a page with forms a kiosk: a second touch does nothing, and whoever has gone leaves
 * nothing behind. Without it the kiosk works, it only does not go back by itself.
 */

const WARN_AFTER = 20, RESET_AFTER = 30;

const main = /** @type {HTMLElement} */ (document.querySelector("main[data-start]"));
const home = main.dataset.start || "/";
const dialog = /** @type {HTMLElement} */ (document.getElementById("idle"));
const seconds = /** @type {HTMLElement} */ (dialog.querySelector("[data-seconds]"));
const more = /** @type {HTMLElement} */ (dialog.querySelector("button"));

// --- one touch, one ticket ------------------------------------------------------------------

document.addEventListener("submit", event => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
// A page that comes back out of the browser's memory belonged to somebody else.
addEventListener("pageshow", event => { if (event.persisted) location.replace(home); });

// --- back to the start ----------------------------------------------------------------------

if ("idle" in main.dataset) {
  const scale = Number(main.dataset.idle) || 1; // twice the time for whoever needs it
  /** @type {Element | null} */ let before = null;
  let since = Date.now();

  const stay = () => {
    since = Date.now();
    if (dialog.hidden) return;
    dialog.hidden = true;
    /** @type {HTMLElement | null} */ (before)?.focus?.({ preventScroll: true });
  };
  for (const sign of ["pointerdown", "keydown", "input"]) addEventListener(sign, stay, { passive: true });
  more.addEventListener("click", stay);
  setInterval(() => {
    const gone = (Date.now() - since) / 1000;
    if (gone >= RESET_AFTER * scale) return location.replace(home);
    if (gone < WARN_AFTER * scale) return;
    seconds.textContent = String(Math.ceil(RESET_AFTER * scale - gone));
    if (!dialog.hidden) return;
    before = document.activeElement;
    dialog.hidden = false;
    more.focus({ preventScroll: true });
  }, 250);
}

// --- paper ----------------------------------------------------------------------------------

const paper = document.getElementById("print");
if (paper) {
  paper.hidden = false;
  paper.addEventListener("click", () => print());
}
