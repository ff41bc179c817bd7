// The chat window: joins the connection, the outbox and the screen. Everything sent carries an id made here, everything
// shown an id made by the service; what is known by either is never shown or sent a second time.

import { Connection } from "./connection.js";
import { LinkPanel } from "./link.js";
import { Outbox, openStore } from "./outbox.js";
import { View } from "./view.js";

const ANSWER_WITHIN = 15_000;
const OFFLINE_AFTER = 2_000;
const PARENT_WITHIN = 1_500;

const config = JSON.parse(document.getElementById("chat").dataset.config);
const { words, site, language } = config;
const embedded = window.parent !== window;
const sessionName = `perennial:session:${site}`;
const device = openStore(() => window.localStorage);
const tab = openStore(() => window.sessionStorage);
const outbox = new Outbox(tab, `perennial:outbox:${site}`);
const text = document.getElementById("text");
const composer = document.getElementById("composer");
const left = document.getElementById("left");

let session = device.getItem(sessionName) ?? "";
let identity = "";
let link = config.link;
let last = "";
let seen = "";
let status = { held: false, opted_out: false };
let up = false;
let offlineTimer = 0;
let inFlight = "";
let sendTimer = 0;
let unread = 0;
let shownToVisitor = !embedded;

let begun = false;

// Our messages go to the page around us only if it is one the site allows. Where the browser does not say which page
// that is, all allowed ones are tried; it delivers to the one that is really there.
const parents = [...config.parents, location.origin];
const around = parents.includes(parentOrigin()) ? [parentOrigin()] : parents;

const view = new View({ words, language, onReply: say });
const connection = new Connection({ address: socketAddress(), hello, onFrame, onDown });
const panel = new LinkPanel({ words, send: (frame) => up && connection.send(frame), onForget: forget });

function parentOrigin() {
  if (location.ancestorOrigins?.length) return location.ancestorOrigins[0];
  return document.referrer ? new URL(document.referrer).origin : "";
}

function socketAddress() {
  const address = new URL("/chat/ws", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

function hello() {
  return { type: "hello", site, session, identity, link, after: last, language };
}

function onFrame(frame) {
  switch (frame.type) {
    case "welcome":
      return onWelcome(frame);
    case "message":
      onMessage(frame);
      return markSeen();
    case "accepted":
      return onAccepted(frame);
    case "typing":
      return view.typing(frame.on);
    case "status":
      status = frame;
      return showStatus();
    case "link":
      return panel.answer(frame.result);
    case "error":
      return onError(frame);
  }
}

function onWelcome(frame) {
  up = true;
  clearTimeout(offlineTimer);
  keepSession(frame.session);
  if (link) {
    link = "";
    // The signed link has done its work: keep it out of the history and of the next reload.
    history.replaceState(null, "", `/chat/frame?${new URLSearchParams({ site, language })}`);
  }
  for (const id of outbox.belongTo(frame.visitor)) view.removeOwn(id);
  const fresh = frame.reset || !last;
  if (fresh) {
    view.announce(false);
    view.clear();
    last = "";
  }
  for (const message of frame.history) onMessage(message, fresh);
  for (const own of outbox.waiting) view.showOwn(own, "waiting");
  if (fresh) setTimeout(() => view.announce(true), 100);
  inFlight = "";
  showStatus();
  markSeen();
  sendNext();
}

function onMessage(message, quiet = false) {
  const isNew = view.show(message);
  last = message.id;
  if (message.client_id) settle(message.client_id);
  if (message.from === "me") return;
  view.typing(false);
  if (isNew && !quiet && !shownToVisitor) tellParent({ type: "unread", count: ++unread });
}

function onAccepted(frame) {
  // `last` stays where it is: an answer that came to be before this message may still be on its way.
  view.own(frame.id, "sent", frame.message);
  view.problem("");
  settle(frame.id);
}

function settle(id) {
  outbox.remove(id);
  if (id !== inFlight) return;
  inFlight = "";
  clearTimeout(sendTimer);
  sendNext();
}

function onError(frame) {
  const explained = words[`error_${frame.code}`] ?? words.error_busy;
  if (frame.code === "bad_session") {
    link = "";
    identity = "";
    keepSession("");
    connection.notBefore(1);
    return view.problem(explained);
  }
  if (frame.code === "origin") {
    connection.stop();
    view.problem(explained);
    return view.banner("");
  }
  if (frame.retry_after) connection.notBefore(frame.retry_after);
  if (panel.isOpen && !frame.id) panel.refuse(explained);
  else view.problem(explained);
  if (!frame.id || frame.id !== inFlight) return;
  clearTimeout(sendTimer);
  inFlight = "";
  if (frame.retry_after) {
    view.own(frame.id, "waiting");
    sendTimer = setTimeout(sendNext, frame.retry_after * 1000);
  } else {
    view.own(frame.id, "not_sent");
    outbox.remove(frame.id);
    sendNext();
  }
}

function onDown() {
  const wasUp = up;
  up = false;
  inFlight = "";
  clearTimeout(sendTimer);
  view.typing(false);
  for (const own of outbox.waiting) view.own(own.id, "waiting");
  clearTimeout(offlineTimer);
  if (navigator.onLine === false) showStatus();
  else if (wasUp) offlineTimer = setTimeout(showStatus, OFFLINE_AFTER);
  else showStatus();
}

function sendNext() {
  const next = outbox.next;
  if (!next || inFlight || !up) return;
  if (!connection.send({ type: "message", id: next.id, text: next.text })) return;
  inFlight = next.id;
  view.own(next.id, "sending");
  clearTimeout(sendTimer);
  sendTimer = setTimeout(() => connection.drop(), ANSWER_WITHIN);
}

function say(written) {
  const said = written.trim();
  if (!said) return text.focus();
  view.problem("");
  view.showOwn(outbox.add(said), "waiting");
  sendNext();
  text.focus();
}

function showStatus() {
  if (!up) view.banner(words.offline, "offline");
  else if (status.opted_out) view.banner(words.opted_out, "opted-out");
  else if (status.held) view.banner(words.held, "held");
  else view.banner("");
}

function markSeen() {
  if (!shownToVisitor || document.hidden || !last || last === seen) return;
  if (connection.send({ type: "seen", id: last })) seen = last;
}

function keepSession(token) {
  session = token;
  // A page that vouches for its visitor does so on each visit: what it vouched for must not outlive its own sign-out.
  if (token && !identity) device.setItem(sessionName, token);
  else device.removeItem(sessionName);
}

function forget() {
  keepSession("");
  outbox.clear();
  identity = "";
  link = "";
  last = "";
  seen = "";
  inFlight = "";
  status = { held: false, opted_out: false };
  view.clear();
  view.problem(words.forgotten);
  text.focus();
  connection.again();
}

function tellParent(message) {
  if (!embedded) return;
  for (const origin of around) window.parent.postMessage({ source: "perennial", ...message }, origin);
}

function onParent(event) {
  if (event.source !== window.parent || !parents.includes(event.origin)) return;
  const message = event.data;
  if (message?.source !== "perennial") return;
  if (message.type === "identity") begin(typeof message.identity === "string" ? message.identity : "");
  if (message.type === "opened") {
    shownToVisitor = true;
    unread = 0;
    markSeen();
    text.focus();
  }
  if (message.type === "closed") shownToVisitor = false;
}

function begin(vouched) {
  if (begun) return;
  begun = true;
  identity = vouched;
  if (identity) session = "";
  connection.start();
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
  const room = config.maximum - text.value.length;
  left.textContent = room < 200 ? `${words.characters_left} ${room}` : "";
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value;
  text.value = "";
  fit();
  say(said);
});
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});
text.addEventListener("input", fit);
document.addEventListener("visibilitychange", markSeen);

view.banner(words.connecting, "connecting");
if (embedded) {
  document.getElementById("close").hidden = false;
  document.getElementById("close").addEventListener("click", () => tellParent({ type: "close" }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.isOpen) tellParent({ type: "close" });
  });
  addEventListener("message", onParent);
  tellParent({ type: "ready" });
  setTimeout(() => begin(""), PARENT_WITHIN);
} else {
  begin("");
  text.focus();
}
