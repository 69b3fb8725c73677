// The frame of the card's bank ends here, on the vault's own origin. It tells the card's frame around it, and nobody else.

parent.postMessage({ kind: "authenticated", cres: document.body.dataset.cres }, location.origin);
