// @ts-check
/**
 * The board: every call is shown at once, then announced one after the other, in the order of
 * the calls, in the big place, with a chime and a voice. None is skipped, however many come
 * at once. Without this module the board shows the same calls, silently.
 */

const NEW_FOR = 10_000;  // a call counts as new
const PLACE_FOR = 2_500; // it keeps the big place at least, while others wait for it
const ROWS = 24;         // there is room for so many new calls beside the big one
const LATE = 60_000;     // what came while we were cut off is announced only if it still matters

const root = document.documentElement;
const skew = Number(document.body.dataset.now) * 1000 - Date.now() || 0;
const pause = (/** @type {number} */ ms) => new Promise(done => setTimeout(done, ms));

/** When each call was first shown here. @type {Map<string, number>} */
const shown = new Map();
/** Calls that are still to be announced. @type {string[]} */
const waiting = [];
let big = "", announcing = false;

const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".call")]);
const key = (/** @type {HTMLElement} */ row) => row.dataset.id || "";
const calledAt = (/** @type {string} */ call) => parseInt(call) / 1000;
const rowOf = (/** @type {string} */ call) => rows().find(row => key(row) === call);

// --- what is new ------------------------------------------------------------------------------

function look(first = false) {
  const known = rows().reverse(); // the oldest first
  const now = Date.now();
  for (const row of known) {
    const call = key(row);
    if (shown.has(call)) continue;
    const age = now + skew - calledAt(call);
    const due = first ? age < NEW_FOR : age < LATE || "here" in row.dataset;
    shown.set(call, due ? now : 0);
    if (due) waiting.push(call);
  }
  const here = new Set(known.map(key));
  for (const call of shown.keys()) if (!here.has(call)) shown.delete(call);
  waiting.splice(0, waiting.length, ...waiting.filter(call => here.has(call)));
  if (!here.has(big)) big = "";
  paint();
  announce();
}

/** The big place is that of the call being announced; new calls are marked for ten seconds. */
function paint() {
  const now = Date.now(), all = rows();
  const place = big || (all.find(row => !waiting.includes(key(row))) || all[0])?.dataset.id;
  let many = false, beside = 0;
  all.forEach((row, at) => {
    const fresh = now - (shown.get(key(row)) || 0) < NEW_FOR || waiting.includes(key(row));
    const here = key(row) === place;
    row.classList.toggle("new", fresh);
    row.classList.toggle("big", here);
    row.classList.toggle("later", fresh && !here && ++beside > ROWS);
    if (fresh && at > 7) many = true;
  });
  document.getElementById("calls")?.classList.toggle("many", many);
}

// --- one after the other ------------------------------------------------------------------------

async function announce() {
  if (announcing) return;
  announcing = true;
  for (let call; (call = waiting.shift());) {
    const row = rowOf(call);
    if (!row) continue;
    big = call;
    note("announced", row);
    paint();
    row.animate?.(still.matches ? [{ opacity: .4 }, { opacity: 1 }]
      : [{ transform: "scale(.94)", opacity: .3 }, { transform: "none", opacity: 1 }],
      { duration: still.matches ? 150 : 450, easing: "ease-out" });
    await Promise.all([aloud(row), pause(PLACE_FOR)]);
  }
  announcing = false;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Keep a short log where a test, or a technician, can read it. @param {string} what @param {HTMLElement} row */
function note(what, row) {
  const said = `${root.dataset[what] || ""} ${row.querySelector(".ticket")?.textContent}`.trim();
  root.dataset[what] = said.split(" ").slice(-50).join(" ");
}

// --- sound ------------------------------------------------------------------------------------

const badge = /** @type {HTMLElement} */ (document.getElementById("sound"));
const context = "AudioContext" in window ? new AudioContext() : null;
const audible = () => context?.state === "running";
const showSound = () => { badge.hidden = audible(); };

context?.addEventListener("statechange", showSound);
badge.querySelector("button")?.addEventListener("click", async () => {
  await context?.resume();
  showSound();
  if (!audible()) return;
  chime();
  speechSynthesis?.speak(new SpeechSynthesisUtterance(" ")); // the press allows the voice too
});
showSound();

/** @param {HTMLElement} row */
async function aloud(row) {
  if (!audible()) return;
  chime();
  await pause(900);
  note("spoken", row);
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll(".spoken"))) {
    await speak(one.textContent || "", one.lang);
  }
}

/** Two falling tones. */
function chime() {
  if (!context) return;
  [[659.25, 0], [523.25, .32]].forEach(([pitch, after]) => {
    const tone = context.createOscillator(), volume = context.createGain(), at = context.currentTime + after;
    tone.type = "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(.4, at + .015);
    volume.gain.exponentialRampToValueAtTime(.001, at + .9);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 1);
  });
}

/** Say it, if the device has a voice for the language; some never tell that they have ended. @param {string} text @param {string} language */
async function speak(text, language) {
  if (!("speechSynthesis" in window)) return;
  const base = language.split("-")[0].toLowerCase();
  const voices = speechSynthesis.getVoices();
  const voice = voices.find(one => one.lang.replace("_", "-").toLowerCase() === language.toLowerCase())
    || voices.find(one => one.lang.toLowerCase().startsWith(base));
  if (!voice) return;
  const words = new SpeechSynthesisUtterance(text);
  Object.assign(words, { lang: language, voice, rate: .9 });
  const ended = new Promise(done => { words.onend = words.onerror = done; });
  speechSynthesis.speak(words);
  await Promise.race([ended, pause(3000 + text.length * 150)]);
}

// --- clock, staleness, a long life ----------------------------------------------------------------

const clock = /** @type {HTMLElement} */ (document.getElementById("clock"));
const asTime = new Intl.DateTimeFormat(clock.dataset.locale, { timeStyle: "short", timeZone: clock.dataset.zone });
const stale = /** @type {HTMLElement} */ (document.getElementById("stale"));
const banner = document.getElementById("not-live");
let good = Date.now();

setInterval(() => {
  const lost = !!banner && !banner.hidden;
  if (!lost) good = Date.now();
  document.body.classList.toggle("lost", lost);
  stale.hidden = !lost;
  const [now, then] = [Date.now(), good].map(at => asTime.format(at + skew));
  if (clock.textContent !== now) clock.textContent = now;
  const time = stale.querySelector("time");
  if (lost && time && time.textContent !== then) time.textContent = then;
  paint();
}, 500);

const awake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });
awake();

let idle = 0;
addEventListener("pointermove", () => {
  root.classList.remove("no-pointer");
  clearTimeout(idle);
  idle = window.setTimeout(() => root.classList.add("no-pointer"), 4000);
});

// A page that hangs on a wall for months begins anew each night, if the server is there.
const born = Date.now();
setInterval(async () => {
  const hour = new Date(Date.now() + skew).toLocaleString("en", { hour: "numeric", hourCycle: "h23", timeZone: clock.dataset.zone });
  if (Date.now() - born < 7_200_000 || Number(hour) !== 3 || waiting.length) return;
  if ((await fetch(location.href).catch(() => null))?.ok) location.reload();
}, 900_000);

document.addEventListener("drawn", () => look());
look(true);
