// A phone: asks for new messages twice a second while the page is looked at.

const byId = (id) => document.getElementById(id);
const log = byId("log");
const number = byId("number");
let current = "";
let last = 0;
let shown = new Map();

function use(chosen) {
  current = chosen.replace(/[^+\d]/g, "");
  last = 0;
  shown = new Map();
  log.setAttribute("aria-live", "off");
  log.replaceChildren();
  if (current) poll();
}

async function poll() {
  const asked = current;
  if (!asked) return;
  const query = new URLSearchParams({ number: asked, after: String(Math.max(0, last - 20)) });
  let messages;
  try {
    const response = await fetch(`/demo/phone/messages?${query}`, { cache: "no-store" });
    if (!response.ok) return;
    ({ messages } = await response.json());
  } catch {
    return;
  }
  if (asked !== current) return;
  for (const message of messages) show(message);
  setTimeout(() => log.setAttribute("aria-live", "polite"), 100);
}

function show(message) {
  const mine = message.from_me;
  let bubble = shown.get(message.n);
  if (!bubble) {
    bubble = document.createElement("p");
    bubble.className = mine ? "bubble mine" : "bubble";
    bubble.dir = "auto";
    const who = document.createElement("span");
    who.className = "hidden-visually";
    who.textContent = mine ? "You: " : "Programme: ";
    bubble.append(who, message.text, document.createElement("small"));
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.append(bubble);
    if (atEnd || mine) log.scrollTop = log.scrollHeight;
    shown.set(message.n, bubble);
    last = Math.max(last, message.n);
  }
  const time = new Date(message.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  const foot = [time, message.status].filter(Boolean).join(" · ");
  if (bubble.lastChild.textContent !== foot) bubble.lastChild.textContent = foot;
}

number.addEventListener("change", () => {
  byId("other").hidden = number.value !== "";
  if (number.value) use(number.value);
  else {
    use("");
    byId("new-number").focus();
  }
});
byId("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  use(byId("new-number").value);
  byId("text").focus();
});
byId("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("send").requestSubmit();
});
byId("send").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("text").value;
  if (!text.trim()) return;
  byId("problem").textContent = "";
  if (!current) {
    byId("problem").textContent = "Choose a number first.";
    return;
  }
  try {
    const response = await fetch("/demo/phone/send", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ number: current, text }),
    });
    const answer = await response.json();
    if (!response.ok || answer.status >= 400) throw new Error(`The service answered ${answer.status ?? response.status}.`);
    byId("text").value = "";
  } catch (error) {
    byId("problem").textContent = `Not sent. ${error.message}`;
  }
  poll();
});

use(number.value);
setInterval(() => !document.hidden && poll(), 500);
