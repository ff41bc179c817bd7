// Says whether the assistant can answer yet: it starts later than the service, and what is written meanwhile is kept.

const ready = document.getElementById("ready");
const SAID = {
  ready: "The assistant is ready.",
  starting: "The assistant is still starting. You can write already: it answers when it is up.",
};

async function ask() {
  let state = "starting";
  try {
    const response = await fetch("/health/ready", { cache: "no-store" });
    if (response.ok) state = "ready";
  } catch {
    // Asked again below.
  }
  if (ready.dataset.state !== state) {
    ready.dataset.state = state;
    ready.textContent = SAID[state];
  }
  setTimeout(ask, state === "ready" ? 30_000 : 2_000);
}

ask();
