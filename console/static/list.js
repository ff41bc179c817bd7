// Keeps the list current without reloading the page under a reader's hands (WCAG 2.2.1): not while focus is in it.
const EVERY_MS = 15_000;

async function refresh() {
  const shown = document.getElementById("waiting");
  if (document.hidden || shown.contains(document.activeElement)) return;
  const answer = await fetch("/console", { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("waiting");
  if (!now || now.innerHTML === shown.innerHTML) return;
  shown.replaceChildren(...now.childNodes);
  document.title = page.title;
}

setInterval(refresh, EVERY_MS);
