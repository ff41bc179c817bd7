// The script tag of a study's page: a button, and the chat in an iframe once it is pressed. Everything it draws lives in
// a shadow root, so the page's styles and the chat's never meet; it defines no global.

(() => {
  const tag = document.currentScript;
  const words = {/* words */};
  const chat = new URL(tag.src).origin;
  const site = tag.dataset.site ?? "";
  const identity = tag.dataset.identity ?? "";
  const wanted = (tag.dataset.language || document.documentElement.lang || "en").toLowerCase();
  const language = [wanted, wanted.split("-")[0], "en", Object.keys(words)[0]].find((one) => one in words);
  const said = words[language];

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    button {
      position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 2147483000;
      min-block-size: 48px; padding: .75rem 1.25rem; border: 2px solid #fff; border-radius: 1.5rem;
      background: #00594f; color: #fff; font: 600 1.0625rem/1.3 system-ui, sans-serif; cursor: pointer;
      box-shadow: 0 2px 8px rgb(0 0 0 / .3);
    }
    button:hover { background: #003d36; }
    button:focus-visible { outline: 3px solid #ffdd00; outline-offset: 0; box-shadow: 0 0 0 6px #0b0c0c; }
    .count { margin-inline-start: .25rem; padding: 0 .5rem; border-radius: 1rem; background: #fff; color: #003d36; }
    .unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    .panel {
      position: fixed; inset-block-end: 5rem; inset-inline-end: 1rem; z-index: 2147483001;
      inline-size: min(26rem, calc(100vw - 2rem)); block-size: min(42rem, calc(100vh - 6.5rem));
      border: 1px solid #505a5f; border-radius: .5rem; overflow: hidden; background: Canvas;
      box-shadow: 0 4px 24px rgb(0 0 0 / .3);
    }
    .panel[hidden], .count[hidden] { display: none; }
    iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; }
    @media (max-width: 30rem), (max-height: 34rem) {
      .panel { inset: 0; inline-size: 100%; block-size: 100%; border: 0; border-radius: 0; }
    }
    @media (prefers-reduced-motion: no-preference) { button { transition: background-color .15s; } }
    @media (forced-colors: active) { button, .panel { border: 2px solid ButtonText; } }
    @media print { button, .panel { display: none; } }
  `;

  function start() {
    if (document.querySelector("[data-perennial-chat]")) return;
    const host = document.createElement("div");
    host.dataset.perennialChat = "";
    host.lang = language;
    const root = host.attachShadow({ mode: "open" });
    // A constructed style sheet is not an inline style: a strict Content-Security-Policy of the page lets it pass.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", "panel");
    button.setAttribute("aria-haspopup", "dialog");
    button.append(`${said.launcher} `);
    const count = document.createElement("span");
    count.className = "count";
    count.hidden = true;
    button.append(count);

    const panel = document.createElement("div");
    panel.id = "panel";
    panel.className = "panel";
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", said.title);
    panel.hidden = true;

    const news = document.createElement("div");
    news.className = "unseen";
    news.setAttribute("role", "status");
    root.append(button, panel, news);
    document.body.append(host);

    let frame = null;
    let ready = false;

    function tell(message) {
      frame.contentWindow.postMessage({ source: "perennial", ...message }, chat);
    }

    function showUnread(number) {
      count.hidden = number === 0;
      count.textContent = number ? String(number) : "";
      news.textContent = number ? `${said.unread} ${number}` : "";
    }

    function open() {
      if (!frame) {
        frame = document.createElement("iframe");
        frame.title = said.title;
        frame.src = `${chat}/chat/frame?${new URLSearchParams({ site, language })}`;
        frame.referrerPolicy = "origin";
        panel.append(frame);
      }
      panel.hidden = false;
      button.setAttribute("aria-expanded", "true");
      showUnread(0);
      frame.focus();
      if (ready) tell({ type: "opened" });
    }

    function close() {
      if (panel.hidden) return;
      panel.hidden = true;
      button.setAttribute("aria-expanded", "false");
      button.focus();
      if (ready) tell({ type: "closed" });
    }

    button.addEventListener("click", () => (panel.hidden ? open() : close()));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    addEventListener("message", (event) => {
      if (!frame || event.origin !== chat || event.source !== frame.contentWindow) return;
      const message = event.data;
      if (message?.source !== "perennial") return;
      if (message.type === "ready") {
        ready = true;
        tell({ type: "identity", identity });
        if (!panel.hidden) tell({ type: "opened" });
      }
      if (message.type === "close") close();
      if (message.type === "unread" && Number.isInteger(message.count)) showUnread(message.count);
    });
  }

  if (document.body) start();
  else addEventListener("DOMContentLoaded", start, { once: true });
})();
