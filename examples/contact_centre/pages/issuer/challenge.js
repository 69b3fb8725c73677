// The page of the card's bank: it asks its own customer, by its own means, and sends the browser back to the vault.

const $ = (id) => document.getElementById(id);
const { transaction, back } = document.body.dataset;

function say(text) {
  $("said").hidden = !text;
  $("said").textContent = text;
  $("said").dataset.mood = "bad";
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ transaction, ...body }),
  }).catch(() => undefined);
  return answer?.ok ? answer.json() : undefined;
}

function leave(cres) {
  $("answer").hidden = true;
  $("cres").value = cres;
  $("back").action = back;
  $("back").submit();
}

async function answer(code) {
  const given = await post("/answer", code === undefined ? {} : { code });
  $("otp").value = "";
  if (given === undefined) return say("That did not work. Try again.");
  if (given.cres) return leave(given.cres);
  $("otp").focus();
  return say(`That is not the code. ${given.left} more ${given.left === 1 ? "try" : "tries"}.`);
}

$("answer").addEventListener("submit", (event) => {
  event.preventDefault();
  void answer($("otp").value);
});
$("refuse").addEventListener("click", () => answer());

const about = await post("/about");
if (about) {
  $("says").textContent = about.says;
  $("card").textContent = `With your card ending in ${about.last_four}.`;
  // One that has ended says so by itself: the way back is open.
  if (about.open) $("answer").hidden = false;
  else await answer();
} else say("This page is over. Go back to the payment.");
