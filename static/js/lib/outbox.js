/**
 * Posts that wait for the network. They leave in the order they came, each with its idempotency key, so sending one
 * twice is harmless. A refused one (4xx) is set aside with the server's words and does not hold up the rest.
 *
 * `store` keeps entries: all() in order, put(entry), remove(id). `send(entry)` resolves to {status, message} or throws
 * when there is no network.
 */
export class Outbox {
  #running = null;

  constructor(store, send) {
    this.store = store;
    this.send = send;
  }

  async keep({ url, fields, key, label = "" }) {
    const entries = await this.store.all();
    const order = Math.max(0, ...entries.map((entry) => entry.order)) + 1;
    const entry = { id: key, key, url, fields, label, order, state: "waiting", message: "" };
    await this.store.put(entry);
    return entry;
  }

  /** Send what waits; a second call while one runs joins it. @returns {Promise<{sent: number, refused: number, waiting: number}>} */
  replay() {
    this.#running ??= this.#replay().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #replay() {
    let sent = 0;
    let refused = 0;
    for (const entry of await this.waiting()) {
      let answer;
      try {
        answer = await this.send(entry);
      } catch {
        break; // no network: the rest keeps its order and waits
      }
      if (answer.status >= 500 || answer.status === 429 || answer.status === 401) break;
      if (answer.status >= 400) {
        await this.store.put({ ...entry, state: "refused", message: answer.message ?? "" });
        refused += 1;
      } else {
        await this.store.remove(entry.id);
        sent += 1;
      }
    }
    return { sent, refused, waiting: (await this.waiting()).length };
  }

  async waiting() {
    return (await this.store.all()).filter((entry) => entry.state === "waiting").sort((a, b) => a.order - b.order);
  }

  async counts() {
    const entries = await this.store.all();
    return {
      waiting: entries.filter((entry) => entry.state === "waiting").length,
      refused: entries.filter((entry) => entry.state === "refused"),
    };
  }

  drop(id) {
    return this.store.remove(id);
  }
}
