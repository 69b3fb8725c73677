// 3-D Secure: the card's bank asks its customer in a page of its own, in a frame. What comes back from there proves nothing:
// the vault asks that bank itself.

const $ = (id) => document.getElementById(id);
let frame;
let grown;

// `goOn` asks the vault how it stands, with what came back; `measure` tells the page around how high this one is.
export function wireChallenge(goOn, measure) {
  grown = measure;
  window.addEventListener("message", ({ origin, source, data }) => {
    // The last page in the frame is the vault's own: this origin's.
    if (origin !== location.origin || source !== frame?.contentWindow || data?.kind !== "authenticated") return;
    void goOn(typeof data.cres === "string" ? data.cres : undefined);
  });
  $("bank-later").addEventListener("click", () => show("paused"));
  $("bank-go-on").addEventListener("click", () => goOn());
}

function show(part) {
  for (const one of ["bank", "paused"]) $(one).hidden = one !== part;
  if (part !== "bank") {
    // Nothing of a page is left that nobody sees.
    $("bank-frame").replaceChildren();
    frame = undefined;
  }
  grown();
  if (part) $(`${part}-title`).scrollIntoView?.({ block: "nearest" });
}

export const hideChallenge = () => show(undefined);

// Posts the challenge request to the card's bank, in a frame. False if this page cannot do what it asks for.
export function showChallenge({ flow }) {
  const { acs_url: address, creq } = flow?.browser ?? {};
  if (!address || !creq) return false;
  frame = document.createElement("iframe");
  frame.setAttribute("name", "issuer");
  frame.setAttribute("title", "Your card’s bank");
  $("bank-frame").replaceChildren(frame);
  show("bank");
  $("creq").value = creq;
  $("challenge").setAttribute("action", address);
  $("challenge").submit();
  return true;
}
