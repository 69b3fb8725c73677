// Puts the panes together. Each has a session of its own and asks its own endpoints; this only shows them side by side.

import { $, busy } from "/dom.js";
import { begin } from "/session.js";
import { Phone } from "/phone/app.js";
import { Desktop } from "/desktop/app.js";
import { Behind } from "/behind.js";
import { Impostor } from "/impostor.js";
import { Guide } from "/guide.js";

const phone = new Phone();
const desktop = new Desktop();
const behind = new Behind();
const impostor = new Impostor();
const guide = new Guide();

let story = "callback";

function changed() {
  const facts = { phone: phone.facts, desktop: desktop.facts, behind: behind.facts, impostor: impostor.facts };
  guide.show(story, $("impostor-switch").checked, facts);
}

async function choose(name) {
  story = name;
  for (const button of document.querySelectorAll("[data-story]")) {
    button.setAttribute("aria-pressed", String(button.dataset.story === name));
  }
  for (const part of document.querySelectorAll("[data-of]")) part.hidden = !part.dataset.of.split(" ").includes(name);
  [phone.story, desktop.story, impostor.story] = [name, name, name];
  const on = $("impostor-switch").checked;
  $("impostor").hidden = !on;
  for (const fact of ["history", "status", "hearing", "notThem", "reached", "bookedFromAnswer"]) phone.facts[fact] = undefined;
  desktop.facts.refused = desktop.facts.changed = 0;
  if (on) await impostor.start(changed, name);
  await phone.refresh?.();
  changed();
}

async function start() {
  await begin();
  for (const pane of [phone, desktop, behind]) await pane.start(changed);
  for (const button of document.querySelectorAll("[data-story]")) {
    button.addEventListener("click", () => choose(button.dataset.story));
  }
  $("impostor-switch").addEventListener("change", () => choose(story));
  $("guide-show").addEventListener("click", () => guide.point());
  $("anew").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    await begin(true);
    location.reload();
  }));
  await choose("callback");
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  $("guide-title").textContent = "The service does not answer.";
  $("guide-why").textContent = `${error.message}. Is it running? Reload the page.`;
});
