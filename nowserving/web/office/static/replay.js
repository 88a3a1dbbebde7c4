// @ts-check
/** Shows how a replay gets on, once a second, until it has ended. Without it there is a link. */
import { announce, patch } from "../nowserving.js";

const region = document.getElementById("replay");

async function look() {
  if (!region?.matches("[data-going]")) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(location.pathname, { headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(10000) });
      if (answer.status === 401) return location.reload();
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("replay");
        if (fresh) patch(region, fresh);
        if (!region.matches("[data-going]")) announce(document.getElementById("state")?.textContent || "");
      }
    } catch { /* the next look will tell */ }
  }
  setTimeout(look, 1000);
}
look();
