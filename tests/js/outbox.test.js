import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../static/js/lib/outbox.js";

class Memory {
  rows = new Map();
  all = async () => [...this.rows.values()];
  put = async (row) => void this.rows.set(row.id, row);
  remove = async (id) => void this.rows.delete(id);
}

const scan = (key) => ({ url: "/dock/scan", key, fields: { code: key } });

test("what was kept leaves in its order with its own key", async () => {
  const seen = [];
  const box = new Outbox(new Memory(), async (entry) => (seen.push(entry.key), { status: 200 }));
  for (const key of ["b", "a", "c"]) await box.keep(scan(key));
  assert.deepEqual(await box.replay(), { sent: 3, refused: 0, waiting: 0 });
  assert.deepEqual(seen, ["b", "a", "c"]);
});

test("without network everything stays, and nothing is overtaken", async () => {
  const seen = [];
  let down = true;
  const box = new Outbox(new Memory(), async (entry) => {
    seen.push(entry.key);
    if (down && entry.key === "2") throw new TypeError("no network");
    return { status: 200 };
  });
  for (const key of ["1", "2", "3"]) await box.keep(scan(key));
  assert.deepEqual(await box.replay(), { sent: 1, refused: 0, waiting: 2 });
  down = false;
  assert.deepEqual(await box.replay(), { sent: 2, refused: 0, waiting: 0 });
  assert.deepEqual(seen, ["1", "2", "2", "3"]);
});

test("a refused post is set aside with its words and does not hold up the next", async () => {
  const box = new Outbox(new Memory(), async ({ key }) => (key === "1" ? { status: 409, message: "already received" } : { status: 200 }));
  await box.keep(scan("1"));
  await box.keep(scan("2"));
  assert.deepEqual(await box.replay(), { sent: 1, refused: 1, waiting: 0 });
  const { refused } = await box.counts();
  assert.equal(refused[0].message, "already received");
  await box.drop("1");
  assert.deepEqual(await box.counts(), { waiting: 0, refused: [] });
});

test("a server in trouble or a lost log-in is waited for, not given up", async () => {
  for (const status of [500, 503, 429, 401]) {
    const box = new Outbox(new Memory(), async () => ({ status }));
    await box.keep(scan("1"));
    assert.deepEqual(await box.replay(), { sent: 0, refused: 0, waiting: 1 });
  }
});

test("two triggers at once send once", async () => {
  let sends = 0;
  const box = new Outbox(new Memory(), async () => ((sends += 1), { status: 200 }));
  await box.keep(scan("1"));
  await Promise.all([box.replay(), box.replay()]);
  assert.equal(sends, 1);
});
