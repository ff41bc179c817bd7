// A mailbox: a list, one mail at a time as text, a form to write.

const byId = (id) => document.getElementById(id);
const address = byId("address");
let current = "";
let mails = [];
let open = 0;
let inReplyTo = "";

function use(chosen) {
  current = chosen.trim();
  mails = [];
  draw();
  write();
  if (current) poll();
}

async function poll() {
  const asked = current;
  if (!asked) return;
  try {
    const response = await fetch(`/demo/mailbox/messages?${new URLSearchParams({ address: asked })}`, { cache: "no-store" });
    const answer = await response.json();
    if (asked !== current || answer.messages.at(-1)?.n === mails.at(-1)?.n) return;
    if (answer.messages.some((mail) => mail.direction === "in" && !mails.some((one) => one.n === mail.n))) {
      byId("done").textContent = "There is mail in the mailbox.";
    }
    mails = answer.messages;
    draw();
  } catch {
    // Asked again in a second.
  }
}

function draw() {
  byId("none").hidden = mails.length > 0;
  const focused = document.activeElement?.dataset.n;
  byId("list").replaceChildren(
    ...[...mails].reverse().map((mail) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.n = mail.n;
      if (mail.n === open) button.setAttribute("aria-current", "true");
      const subject = document.createElement("span");
      subject.textContent = mail.subject || "(no subject)";
      const foot = document.createElement("small");
      foot.textContent = `${mail.direction === "in" ? "Received" : "Sent"} ${new Date(mail.at).toLocaleTimeString()}`;
      button.append(subject, foot);
      button.addEventListener("click", () => read(mail));
      item.append(button);
      return item;
    }),
  );
  if (focused) byId("list").querySelector(`[data-n="${focused}"]`)?.focus();
}

function read(mail) {
  open = mail.n;
  byId("reading").textContent = mail.subject || "(no subject)";
  byId("mail-from").textContent = mail.from;
  byId("mail-to").textContent = mail.to;
  byId("mail-text").textContent = mail.text;
  byId("mail-raw").href = `/demo/mailbox/raw?${new URLSearchParams({ address: current, n: mail.n })}`;
  byId("mail").hidden = false;
  byId("reply").hidden = mail.direction !== "in";
  byId("reply").onclick = () => write(mail);
  byId("write").hidden = true;
  byId("done").textContent = "";
  draw();
  byId("reading").focus();
}

function write(mail) {
  open = 0;
  inReplyTo = mail?.message_id ?? "";
  byId("reading").textContent = mail ? "Reply" : "New mail";
  byId("mail").hidden = true;
  byId("write").hidden = false;
  byId("to").value = mail?.reply_to || mail?.from || byId("write").dataset.to;
  byId("subject").value = mail ? (/^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`) : "";
  byId("text").value = mail ? `\n\n> ${mail.text.trimEnd().replaceAll("\n", "\n> ")}` : "";
  byId("problem").textContent = "";
  draw();
  if (mail) {
    byId("text").focus();
    byId("text").setSelectionRange(0, 0);
  }
}

address.addEventListener("change", () => {
  byId("other").hidden = address.value !== "";
  use(address.value);
  if (!address.value) byId("new-address").focus();
});
byId("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  use(byId("new-address").value);
});
byId("new").addEventListener("click", () => {
  write();
  byId("subject").focus();
});
byId("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("problem").textContent = "";
  byId("done").textContent = "";
  try {
    const response = await fetch("/demo/mailbox/send", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        from: current,
        to: byId("to").value,
        subject: byId("subject").value,
        text: byId("text").value,
        in_reply_to: inReplyTo,
      }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    write();
    byId("done").textContent = "Sent.";
  } catch (error) {
    byId("problem").textContent = `Not sent. ${error.message}`;
  }
  poll();
});

use(address.value);
setInterval(() => !document.hidden && poll(), 1000);
