// The panel that joins this chat with a phone or mailbox, and the way to remove the chat from a shared device.

const byId = (id) => document.getElementById(id);

export class LinkPanel {
  #words;
  #send;
  #dialog = byId("link");

  constructor({ words, send, onForget }) {
    this.#words = words;
    this.#send = send;
    byId("link-open").addEventListener("click", () => this.#open());
    byId("link-close").addEventListener("click", () => this.#dialog.close());
    byId("forget").addEventListener("click", () => {
      this.#dialog.close();
      onForget();
    });
    byId("link-ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(byId("contact"), (contact) => ({ type: "link", contact }));
    });
    byId("link-verify").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(byId("code"), (code) => ({ type: "verify", code }));
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  answer(result) {
    const bad = result === "bad_contact" ? byId("contact") : result === "wrong_code" ? byId("code") : null;
    this.#say(this.#words[`link_${result}`], result !== "sent" && result !== "linked");
    byId("link-verify").hidden = !(result === "sent" || result === "wrong_code");
    byId("link-ask").hidden = result === "linked" || result === "sent" || result === "wrong_code";
    if (result === "linked") byId("link-close").focus();
    else if (result === "sent") byId("code").focus();
    bad?.setAttribute("aria-invalid", "true");
    bad?.focus();
  }

  /** An error frame that came while the panel was open. */
  refuse(text) {
    this.#say(text, true);
  }

  #open() {
    byId("link-ask").hidden = false;
    byId("link-verify").hidden = true;
    byId("contact").value = "";
    byId("code").value = "";
    this.#say("", false);
    this.#dialog.showModal();
    byId("contact").focus();
  }

  #submit(input, frame) {
    const value = input.value.trim();
    input.removeAttribute("aria-invalid");
    if (!value) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    if (!this.#send(frame(value))) this.#say(this.#words.offline, true);
  }

  #say(text, wrong) {
    byId("link-said").textContent = text;
    byId("link-said").classList.toggle("wrong", wrong);
  }
}
