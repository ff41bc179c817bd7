// What was written and is not yet known to be stored by the service: kept over reloads, sent one at a time, in order.
// Each message has its id from birth, so sending it again is harmless.

/** Storage that works where the browser forbids it (third-party frames, private windows): then for this page only. */
export function openStore(area) {
  try {
    const store = area();
    store.setItem("perennial:probe", "1");
    store.removeItem("perennial:probe");
    return store;
  } catch {
    const kept = new Map();
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: (name) => kept.delete(name),
    };
  }
}

/** A random UUID (version 4), also on pages without a secure context. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Outbox {
  #store;
  #name;
  #owner = "";
  #waiting = [];
  #left = new Set();

  constructor(store, name) {
    this.#store = store;
    this.#name = name;
    try {
      const kept = JSON.parse(store.getItem(name) ?? "{}");
      this.#owner = kept.owner ?? "";
      this.#waiting = (kept.waiting ?? []).filter((one) => one.id && one.text);
      this.#left = new Set(this.#waiting.map((one) => one.id));
    } catch {
      this.#waiting = [];
    }
  }

  get waiting() {
    return [...this.#waiting];
  }

  get next() {
    return this.#waiting[0];
  }

  /**
   * Whose chat this is. What somebody else left unsent in this window before the page was loaded is never sent in this
   * one's name; what was written since then is, whatever became of the session meanwhile.
   */
  belongTo(owner) {
    const changed = this.#owner && this.#owner !== owner;
    const strangers = changed ? this.#waiting.map((one) => one.id).filter((id) => this.#left.has(id)) : [];
    this.#waiting = this.#waiting.filter((one) => !strangers.includes(one.id));
    this.#owner = owner;
    this.#keep();
    return strangers;
  }

  add(text) {
    const message = { id: uuid(), text, at: new Date().toISOString() };
    this.#waiting.push(message);
    this.#keep();
    return message;
  }

  remove(id) {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((one) => one.id !== id);
    if (this.#waiting.length !== before) this.#keep();
  }

  clear() {
    this.#waiting = [];
    this.#owner = "";
    this.#store.removeItem(this.#name);
  }

  #keep() {
    try {
      this.#store.setItem(this.#name, JSON.stringify({ owner: this.#owner, waiting: this.#waiting }));
    } catch {
      // A full store loses nothing that is still in memory.
    }
  }
}
