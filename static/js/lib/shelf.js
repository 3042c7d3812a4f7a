/** Small rows kept in the browser's own database, one kind a name. */
const NAME = "takt";

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("outbox", { keyPath: "id" });
      opening.result.createObjectStore("drafts", { keyPath: "id" });
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

export class Shelf {
  #base = null;

  /** @param {"outbox"|"drafts"} kind */
  constructor(kind) {
    this.kind = kind;
  }

  async #run(mode, work) {
    this.#base ??= database();
    const base = await this.#base;
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(this.kind, mode);
      const request = work(transaction.objectStore(this.kind));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  }

  all() {
    return this.#run("readonly", (store) => store.getAll());
  }

  get(id) {
    return this.#run("readonly", (store) => store.get(id));
  }

  put(row) {
    return this.#run("readwrite", (store) => store.put(row));
  }

  remove(id) {
    return this.#run("readwrite", (store) => store.delete(id));
  }
}
