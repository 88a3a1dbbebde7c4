// @ts-check
/** Tells the holder of a ticket what has changed: by title, word, vibration, notification. */

import { announce } from "../nowserving.js";

const region = /** @type {HTMLElement} */ (document.querySelector("[data-live]"));
const now = () => /** @type {HTMLElement} */ (document.getElementById("now"));
const turn = () => now().classList.contains("turn");
const call = () => turn() ? now().dataset.calls : "";

let aloud = now().dataset.aloud, called = call(), again = 0;

function look() {
  const { title = "", aloud: words = "", again: seconds } = now().dataset;
  document.title = title;
  if (words !== aloud || (turn() && call() !== called)) announce(words, turn() ? "assertive" : "polite");
  if (turn() && call() !== called) rouse(title, words);
  aloud = words;
  called = call();
  clearTimeout(again);
  offer();
  if (seconds) again = window.setTimeout(() => region.dispatchEvent(new Event("look")), (Number(seconds) + 1) * 1000);
}

/** It is this person's turn: say so in every way the phone allows. @param {string} title @param {string} words */
function rouse(title, words) {
  scrollTo({ top: 0 });
  navigator.vibrate?.([300, 150, 300, 150, 600]);
  if (!document.hidden || window.Notification?.permission !== "granted") return;
  try { new Notification(title, { body: words, tag: "turn" }); } catch { /* some phones allow it to service workers only */ }
}

/** Offers to notify only while there is something to be notified of. */
function offer() {
  const tell = document.getElementById("tell");
  const asks = window.Notification?.permission === "default" && isSecureContext;
  if (tell) tell.hidden = !asks || "over" in now().dataset;
}

document.addEventListener("drawn", look);
look();
setInterval(() => {
  const left = document.querySelector("[data-left]");
  if (left) left.textContent = String(Math.max(0, Number(left.textContent) - 1));
}, 1000);

document.getElementById("tell")?.addEventListener("click", () => Notification.requestPermission().then(offer));
