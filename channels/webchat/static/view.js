// What is on the screen. Text is only ever text: nothing that was written or received becomes markup.

const LINK = /\bhttps?:\/\/[^\s<>"']+/gi;

/** Text as nodes, with http(s) addresses as links that show exactly what was written. */
export function textNodes(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    const shown = found[0].replace(/[.,;:!?)\]}]+$/, "");
    let url;
    try {
      url = new URL(shown);
    } catch {
      continue;
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") continue;
    nodes.push(document.createTextNode(text.slice(end, found.index)));
    const link = document.createElement("a");
    link.href = url.href;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    link.textContent = shown;
    nodes.push(link);
    end = found.index + shown.length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

const byId = (id) => document.getElementById(id);

export class View {
  #words;
  #language;
  #byMessage = new Map();
  #byClient = new Map();
  #lastDay = "";
  #log = byId("log");
  #scroll = byId("scroll");
  #newer = byId("newer");
  #replies = byId("replies");
  #entry = byId("entry");
  #value = byId("entry-value");
  #typing = byId("typing");
  #page = document.scrollingElement; // On a very low screen it scrolls instead.
  #follows = true;
  #onReply;

  constructor({ words, language, onReply }) {
    this.#words = words;
    this.#language = language;
    this.#onReply = onReply;
    this.#entry.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#value.value.trim()) this.#onReply(this.#value.value);
      else this.#value.focus();
    });
    this.#newer.addEventListener("click", () => {
      this.#toEnd();
      this.#scroll.focus();
    });
    // Only going up ends the following: a message that arrives before the browser tells of our own scrolling does not.
    let before = 0;
    const onScroll = () => {
      const now = this.#scroll.scrollTop + this.#page.scrollTop;
      if (now < before) this.#follows = false;
      if (this.#atEnd()) {
        this.#follows = true;
        this.#newer.hidden = true;
      }
      before = now;
    };
    this.#scroll.addEventListener("scroll", onScroll);
    addEventListener("scroll", onScroll);
    // A longer draft or a banner takes room from the conversation: its end stays in sight for those who were there.
    new ResizeObserver(() => this.#follows && this.#toEnd()).observe(this.#scroll);
  }

  /** Off while history is filled in, or a screen reader would read all of it. */
  announce(on) {
    this.#log.setAttribute("aria-live", on ? "polite" : "off");
  }

  clear() {
    this.#log.replaceChildren();
    this.#byMessage.clear();
    this.#byClient.clear();
    this.#lastDay = "";
    this.#showReplies([]);
    this.#showEntry("");
    this.typing(false);
  }

  /** A message of the service. True when it was not on the screen before. */
  show(message) {
    const known = this.#byMessage.get(message.id) ?? this.#byClient.get(message.client_id);
    if (known) {
      this.#byMessage.set(message.id, known);
      this.#state(known, message.from === "me" && message.client_id ? "sent" : "");
      return false;
    }
    const follow = this.#follows;
    const element = this.#element(message);
    if (message.from === "me" && message.client_id) {
      this.#byClient.set(message.client_id, element);
      this.#state(element, "sent");
    }
    this.#byMessage.set(message.id, element);
    this.#insert(element, message.at);
    this.#showReplies(message.from === "me" ? [] : (message.replies ?? []));
    this.#showEntry(message.from === "me" ? "" : message.input);
    this.#settle(follow);
    return true;
  }

  /** What the visitor just wrote, before the service knows of it. */
  showOwn(own, state) {
    if (this.#byClient.has(own.id)) return;
    const element = this.#element({ from: "me", text: own.text, at: own.at });
    element.dataset.waiting = "";
    this.#byClient.set(own.id, element);
    this.#insert(element, own.at);
    this.#state(element, state);
    this.#showReplies([]);
    this.#showEntry("");
    this.#toEnd();
  }

  own(clientId, state, messageId) {
    const element = this.#byClient.get(clientId);
    if (!element) return;
    if (messageId) this.#byMessage.set(messageId, element);
    this.#state(element, state);
  }

  removeOwn(clientId) {
    this.#byClient.get(clientId)?.remove();
    this.#byClient.delete(clientId);
  }

  typing(on) {
    const follow = this.#follows;
    this.#typing.hidden = !on;
    if (on) this.#settle(follow);
  }

  banner(text, kind = "") {
    const banner = byId("banner");
    if (banner.textContent !== text) banner.textContent = text;
    banner.dataset.kind = kind;
  }

  problem(text) {
    byId("problem").textContent = text;
  }

  #element(message) {
    const element = document.createElement("div");
    element.className = `message from-${message.from === "me" ? "me" : message.from === "person" ? "person" : "programme"}`;
    const author = document.createElement("p");
    author.className = "author";
    author.textContent = this.#words[`from_${message.from}`] ?? this.#words.from_programme;
    const text = document.createElement("p");
    text.className = "text";
    text.dir = "auto";
    if (message.language && message.language !== this.#language) text.lang = message.language;
    text.append(...textNodes(message.text));
    const foot = document.createElement("p");
    foot.className = "foot";
    const time = document.createElement("time");
    const at = new Date(message.at);
    time.dateTime = message.at;
    time.textContent = new Intl.DateTimeFormat(this.#language, { hour: "numeric", minute: "2-digit" }).format(at);
    foot.append(time);
    element.append(author, text, foot);
    return element;
  }

  #state(element, name) {
    element.classList.toggle("failed", name === "not_sent");
    if (name === "sent") delete element.dataset.waiting;
    let state = element.querySelector(".state");
    if (!name) return;
    if (!state) {
      state = document.createElement("span");
      state.className = "state";
      element.querySelector(".foot").append(" ", state);
    }
    if (state.textContent !== this.#words[name]) state.textContent = this.#words[name];
  }

  // An answer to the first of several unsent messages belongs above those that still wait.
  #insert(element, at) {
    const before = "waiting" in element.dataset ? null : this.#log.querySelector(".message[data-waiting]");
    const day = new Intl.DateTimeFormat(this.#language, { weekday: "long", day: "numeric", month: "long" });
    const today = day.format(new Date(at));
    if (today !== this.#lastDay && !before) {
      this.#lastDay = today;
      const heading = document.createElement("p");
      heading.className = "day";
      heading.textContent = today;
      this.#log.append(heading);
    }
    this.#log.insertBefore(element, before);
  }

  #showReplies(replies) {
    this.#replies.replaceChildren(
      ...replies.map((reply) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = reply;
        button.addEventListener("click", () => this.#onReply(reply));
        return button;
      }),
    );
    this.#replies.hidden = replies.length === 0;
  }

  // A date as the browser lets one choose it, sent as 2026-11-25; a number with the keys for it. Words can always be written.
  #showEntry(kind) {
    const label = this.#words[`entry_${kind}`];
    const hadFocus = this.#entry.contains(document.activeElement);
    this.#entry.hidden = !label;
    this.#value.type = kind === "date" ? "date" : "text";
    this.#value.inputMode = kind === "number" ? "decimal" : "";
    this.#value.value = "";
    this.#entry.querySelector("label").textContent = label ?? "";
    if (hadFocus && !label) byId("text").focus();
  }

  #atEnd() {
    return [this.#scroll, this.#page].every((one) => one.scrollHeight - one.scrollTop - one.clientHeight < 80);
  }

  #toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#page.scrollTop = this.#page.scrollHeight;
    this.#newer.hidden = true;
  }

  #settle(follow) {
    if (follow) this.#toEnd();
    else this.#newer.hidden = false;
  }
}
