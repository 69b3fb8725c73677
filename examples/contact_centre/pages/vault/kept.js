// The sealed card, while a payment goes on and this tab is open: a page that is loaded anew sends the same again. Nobody but
// the vault can open it, and the vault does so for this one request.

const place = (payment) => `card for ${payment}`;

// A browser may keep nothing for a page in a frame. Then a page that is loaded anew asks for the card anew.
function trying(what) {
  try { return what() ?? undefined; } catch { return undefined; }
}

export const keep = (payment, sealed) => trying(() => sessionStorage.setItem(place(payment), sealed));
export const kept = (payment) => trying(() => sessionStorage.getItem(place(payment)));
export const drop = (payment) => trying(() => sessionStorage.removeItem(place(payment)));
