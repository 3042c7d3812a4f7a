/**
 * What was typed is kept in the browser until the server has said that it is saved: a form marks its draft as sent, and
 * only a page that brings the good news throws the draft away. A lost session or line leaves it to be offered again.
 */
import { Shelf } from "./shelf.js";

const MARK = "takt.sent";
const shelf = new Shelf("drafts");

export const drafts = shelf;

/** Say which draft has just been sent. */
export function draftSent(key) {
  sessionStorage.setItem(MARK, key);
}

async function settle() {
  const key = sessionStorage.getItem(MARK);
  if (!key) return;
  sessionStorage.removeItem(MARK);
  if (document.querySelector("mes-toast template[data-tone~=success]")) await shelf.remove(key);
}

/** Settled before any form looks for its draft. */
export const settled = settle().catch(() => undefined); // without the browser's database there are no drafts
