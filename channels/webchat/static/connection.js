// One WebSocket that comes back by itself. Who uses it gives the hello frame anew for each attempt.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const OPENING_AT_MOST = 12_000;

/** Full jitter: a service that restarts is not greeted by all its visitors in the same instant. */
export function wait(attempt, random = Math.random) {
  return Math.round(random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10)));
}

export class Connection {
  #address;
  #hello;
  #onFrame;
  #onDown;
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #atLeast = 0;
  #stopped = false;

  constructor({ address, hello, onFrame, onDown }) {
    this.#address = address;
    this.#hello = hello;
    this.#onFrame = onFrame;
    this.#onDown = onDown;
    addEventListener("online", () => this.again());
    addEventListener("offline", () => this.drop());
    addEventListener("pageshow", (event) => event.persisted && this.again());
    document.addEventListener("visibilitychange", () => !document.hidden && !this.#socket && this.again());
  }

  start() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#down(socket), OPENING_AT_MOST);
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      const frame = JSON.parse(event.data);
      if (frame.type === "welcome") {
        clearTimeout(this.#timer);
        this.#attempt = 0;
        this.#atLeast = 0;
      }
      this.#onFrame(frame);
    };
    socket.onclose = () => this.#down(socket);
    socket.onerror = () => {};
  }

  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Do not come back sooner than this. */
  notBefore(seconds) {
    this.#atLeast = seconds * 1000;
  }

  /** The other end is silent, or the network says it is gone: do not wait for TCP to notice. */
  drop() {
    if (this.#socket) this.#down(this.#socket);
  }

  /** Try now. */
  again() {
    if (this.#stopped) return;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#attempt = 0;
    this.start();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #down(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    socket.close();
    this.#onDown();
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), Math.max(this.#atLeast, wait(this.#attempt)));
    this.#attempt += 1;
  }
}
