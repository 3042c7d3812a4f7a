/**
 * What was typed is kept in the browser until the server has said that it is saved: its answer names the draft in a
 * cookie, and the next page that gets as far as running throws that draft away. A lost session or line leaves it to be
 * offered again; leaving the next page at once loses nothing of the message.
 */
import { Shelf } from "./shelf.js";

const SAVED = "takt_saved";
const shelf = new Shelf("drafts");

export const drafts = shelf;

function savedKeys() {
  const pair = document.cookie.split("; ").find((one) => one.startsWith(`${SAVED}=`));
  return pair ? pair.slice(SAVED.length + 1).split("|") : [];
}

async function settle() {
  const keys = savedKeys();
  if (!keys.length) return;
  await Promise.all(keys.map((key) => shelf.remove(key)));
  document.cookie = `${SAVED}=; path=/; max-age=0; samesite=lax`;
}

/** Settled before any form looks for its draft. */
export const settled = settle().catch(() => undefined); // without the browser's database there are no drafts
