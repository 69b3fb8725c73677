// The guided mode: the first step that is not done yet, where it is, and why it matters.

import { $ } from "/dom.js";
import { IMPOSTORS, STORIES } from "/stories.js";

const WHERE = { phone: "on Alice’s phone", desktop: "on Bob’s desktop", behind: "behind the scenes", impostor: "with Mallory and Eve" };

export class Guide {
  #at = "";
  #step = 0;

  // Steps are done in order: one that was done stays done, whatever comes later.
  show(story, impostor, facts) {
    const name = `${story} ${impostor}`;
    if (this.#at !== name) [this.#at, this.#step] = [name, 0];
    const steps = (impostor ? IMPOSTORS : STORIES)[story];
    while (this.#step < steps.length && steps[this.#step].done(facts)) this.#step += 1;
    this.step = steps[this.#step];
    const { step } = this;
    const count = step ? `Step ${this.#step + 1} of ${steps.length}` : "Done";
    set("guide-count", count);
    set("guide-where", step ? WHERE[step.where] : "");
    set("guide-title", step?.title ?? (impostor ? "That is what an impostor gets: nothing." : "That is the whole story. Switch the impostor on, or take another story."));
    set("guide-why", step?.why ?? "Behind the scenes has all of it on record, refused attempts included.");
    $("guide").dataset.where = step?.where ?? "done";
    $("guide-show").hidden = !step;
    this.#mark();
  }

  #mark() {
    const target = this.step && document.querySelector(`#${this.step.where} ${this.step.at}`);
    for (const marked of document.querySelectorAll(".next")) if (marked !== target) marked.classList.remove("next");
    if (!target || target.classList.contains("next")) return;
    target.classList.add("next");
    // Where the panes scroll by themselves, what comes next is moved into sight. The page itself never jumps.
    // The whole card if it fits, so that nobody acts without having read what stands above the button.
    if (!matchMedia("(min-width: 64rem)").matches) return;
    target.scrollIntoView({ block: "nearest" });
    target.closest(".card")?.scrollIntoView({ block: "nearest" });
  }

  // Opens what hides the target, and goes there.
  point() {
    const target = this.step && document.querySelector(`#${this.step.where} ${this.step.at}`);
    if (!target) return document.getElementById(this.step?.where)?.scrollIntoView({ block: "start" });
    const hidden = target.closest("details");
    if (hidden) hidden.open = true;
    target.scrollIntoView({ block: "center" });
    const field = target.closest("form")?.querySelector("input:not([type=checkbox])");
    return (field && !field.value ? field : target).focus({ preventScroll: true });
  }
}

function set(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}
