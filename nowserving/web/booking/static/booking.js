// @ts-check
/** Says a unit's times in the reader's own zone too, and counts a kept time down. */

import { announce } from "../nowserving.js";

const main = document.getElementById("main");
const ours = main?.dataset.zone, yours = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param {Date} at @param {string | undefined} timeZone */
const clock = (at, timeZone) => at.toLocaleString(document.documentElement.lang, { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" });

for (const time of document.querySelectorAll("time[data-yours]")) {
  const at = new Date(/** @type {HTMLTimeElement} */ (time).dateTime);
  const theirs = /** @type {HTMLElement} */ (time).dataset.zone || ours;
  if (!theirs || yours === theirs || clock(at, theirs) === clock(at, yours)) continue;
  const sameDay = at.toLocaleDateString("en", { timeZone: theirs }) === at.toLocaleDateString("en", { timeZone: yours });
  /** @type {Intl.DateTimeFormatOptions} */
  const how = { hour: "2-digit", minute: "2-digit", ...(sameDay ? {} : { weekday: "short" }) };
  const told = document.createElement("span");
  told.className = "yours";
  told.textContent = " " + (main?.dataset.yours || "").replace("[TIME]", at.toLocaleTimeString(document.documentElement.lang, how));
  time.after(told);
}

for (const kept of document.querySelectorAll("[data-left]")) {
  const end = performance.now() + Number(kept.getAttribute("data-left")) * 1000;
  const shown = kept.querySelector("b");
  let warned = false;
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    if (shown) shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left <= 60 && !warned) { warned = true; announce(kept.textContent || ""); }
    if (!left) clearInterval(counting);
  };
  const counting = setInterval(tick, 1000);
  tick();
}
