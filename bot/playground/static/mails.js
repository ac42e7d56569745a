/** The mails that the bot sends, beside the chat, newest on top. */

import { loop, request } from "./feed.js";
import { clockTime, element } from "./messages.js";

const list = document.getElementById("mails");
const badge = document.getElementById("mail-count");
let stop = () => {};
let shown = false;
let unread = 0;

/** From the first mail on; those that are there already are not counted as unread. */
export function followMails() {
  stop();
  list.querySelectorAll(".mail").forEach((mail) => mail.remove());
  count(0);
  let after = 0;
  let isFirst = true;
  stop = loop(async (signal) => {
    const { mails } = await request(`/mails?after=${after}&wait=${isFirst ? 0 : 25}`, { signal });
    for (const mail of mails) {
      after = mail.number;
      show(mail);
      if (!isFirst && !shown) count(unread + 1);
    }
    isFirst = false;
  }, () => {}, () => {});
}

/** Where mails lie over the chat, they are unread until they are shown. */
export function mailsAreShown(yes) {
  shown = yes;
  if (yes) count(0);
}

function show(mail) {
  document.getElementById("no-mails").hidden = true;
  list.prepend(element("article", { class: "mail", "data-testid": "mail" },
    element("h3", { dir: "auto" }, mail.subject),
    element("small", {}, `to ${mail.to} · ${clockTime(mail.received_at)}`),
    element("p", { dir: "auto" }, mail.text)));
}

function count(number) {
  unread = number;
  badge.textContent = String(unread);
  badge.hidden = !unread;
}
