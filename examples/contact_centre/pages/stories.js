// What the guide says: for each step where to click, what, and why it matters; and how it knows that it was done.
// `f` has the facts of the panes: f.phone, f.desktop, f.behind, f.impostor.

const step = (where, at, title, why, done) => ({ where, at, title, why, done });

const SET_UP = step("phone", "#setup button", "Choose a PIN, and set up the phone", "The app gets a key of its own. The PIN masks it: it never leaves the phone, and the bank counts wrong codes.", (f) => f.phone.enrolled);
const ANSWER = step("phone", "#phone-answer", "Answer the telephone", "The display shows the bank’s number. That proves nothing: anyone can send it.", (f) => f.phone.call === "talking");
const OPEN = ["issued", "answered", "confirmed", "presented"];
const HISTORY = step("phone", "#check-history", "Open “What happened”, and check the history", "The app keeps signed receipts. A history that was edited, shortened or put back shows. Behind the scenes has the same, newest first.", (f) => f.phone.history === "intact");
const RING = step("phone", "#ring", "Ring the bank", "This time Alice makes the call. Who rang whom is signed into everything that follows.", (f) => f.desktop.direction === "inbound");

const HANG_UP = step("phone", "#phone-hang-up", "Hang up", "The bank is told, and can act.", (f) => f.phone.call === undefined);
const UNANSWERED = step("phone", "#phone-hang-up", "Hang up", "Before a word was said. On Android the phone’s system does that by itself.", (f) => f.phone.call === undefined);
const POST = step("behind", "#post-notice button", "Post a notice about a scam", "Signed, with the channel and the sender’s name that it is posted from, and an end.", (f) => f.behind.posted > 0);

export const STORIES = {
  callback: [
    step("phone", "#book button", "Type a secret, and book a callback", "Alice decides what a genuine caller will say. An impostor cannot know it. With the tick, her phone makes four words of it, and no agent learns it either.", (f) => f.phone.callback !== undefined),
    step("desktop", "[data-act=accept-toast]", "The callback is due: accept it", "The news came through the outbox, written in one step with the booking. It survives a crash.", (f) => f.desktop.call !== undefined),
    ANSWER,
    step("desktop", "[data-act=reveal]", "Show the secret", "Only now: in its window, in an outgoing call to Alice, to this agent. Every look is on record.", (f) => f.desktop.toSay),
    step("desktop", "[data-act=say-it]", "Say it", "The caller proves who they are, before asking Alice for anything.", (f) => f.desktop.said),
    step("phone", "[data-act=recognised]", "Alice hears her secret, or her words: tap “Yes”", "The secret is burnt. Whoever overheard it has nothing.", (f) => f.phone.callback === "recognised"),
    HISTORY,
  ],
  conversation: [
    SET_UP,
    step("desktop", "#announce button", "Ask for a conversation", "The bank wants to talk to Alice. It sends a signed notice, on a channel that anyone can read.", (f) => OPEN.includes(f.phone.challenge)),
    step("phone", "[data-act^=check-]", "Is this from my bank?", "The app checks the signature, for whom it is, and that it stands where the bank posts.", (f) => f.phone.checked > 0),
    step("phone", "[data-act=accept]", "Tap “Ring me now”", "Alice says when. She sees why, and what she will never be asked for.", (f) => ["answered", "confirmed", "presented", "recognised"].includes(f.phone.challenge)),
    step("desktop", "[data-act=confirm]", "Confirm the slot", "The appointment is signed: who will ring, when, about what. The spoken code covers all of it.", (f) => f.phone.appointment || f.phone.challenge === "recognised"),
    step("desktop", "[data-act=dial]", "Ring the customer", "As agreed.", (f) => f.desktop.call !== undefined),
    ANSWER,
    step("desktop", "[data-act=present]", "Show the code", "The desktop gets it in this call alone.", (f) => f.desktop.toSay),
    step("desktop", "[data-act=say-it]", "Say it", "Aloud, to Alice.", (f) => f.desktop.said),
    step("phone", "#hear button", "Enter what Alice hears, and check it", "The app computes the same code by itself. She types what was said: a button “looks right” would just be pressed.", (f) => f.phone.hearing === "genuine"),
    step("phone", "#phone-ask", "Ask: is that really you?", "A signed answer that counts for seconds.", (f) => f.phone.status === "talking_to_you"),
    HISTORY,
  ],
  transfer: [
    SET_UP,
    RING,
    step("desktop", "#transfer-ask", "Ask Alice to approve £5000", "It is over £1000. The desktop asks; the token goes to Alice’s phone alone.", (f) => f.desktop.transfer !== undefined),
    step("phone", "#who-customer", "The app asks first: who rang whom?", "It shows nothing else before. Somebody who was rung by a stranger finds out here.", (f) => f.phone.whoRang || ["approved", "booked"].includes(f.desktop.transfer)),
    step("phone", "#approve button", "Look at amount and payee, type the digits that Bob says, give the PIN, approve", "The code covers all that is shown. Nobody on the line sees it. With a second PIN, for use under coercion, all looks the same, except behind the scenes.", (f) => ["approved", "booked"].includes(f.desktop.transfer)),
    step("desktop", "#transfer-amount", "Change the amount, say to 6000.00, and press “Transfer”", "What if somebody changes it after the approval?", (f) => f.desktop.changed > 0),
    step("desktop", "#transfer-book", "Set it back to 5000.00, and transfer", "The grant is redeemed once, for exactly what Alice approved.", (f) => f.desktop.transfer === "booked"),
    HISTORY,
  ],
  payment: [
    step("phone", "#phone-chat button", "Type a card number into the chat, such as 4242 4242 4242 4242", "People do that. Look at Bob’s chat.", (f) => f.desktop.chat > 0),
    RING,
    step("desktop", "#bill button", "Ask Alice to pay", "The bank signs who asks for how much. The vault signs the key to seal a card for.", (f) => f.desktop.bill !== undefined),
    step("phone", "#pay iframe", "Fill in the card in the vault’s field, and pay", "4000 0000 0000 3220 will do. It is sealed for the vault, a process of its own. This page never has it.", (f) => f.phone.asked || f.phone.paid !== undefined),
    step("phone", "#pay iframe", "Answer the card’s bank", "It asks in a page of its own (3-D Secure), within the vault’s. What the browser says of it counts for nothing: the vault asks that bank. For 4242 4242 4242 4242 it would not ask.", (f) => f.phone.paid !== undefined),
    step("desktop", "#bills", "Bob sees authorisation, transaction and the last four digits", "And no more than that. His desktop is outside of what has to be protected for cards.", (f) => f.desktop.bill === "authorised"),
    HISTORY,
  ],
  calls: [
    SET_UP,
    step("desktop", "#dial-alice", "Ring Alice", "The bank announces the call, with the number that it will show, before it rings. Look at the phone: it says whose call it is before anybody answers.", (f) => f.phone.verdict === "legitimate"),
    step("phone", "#phone-answer", "Answer", "The bank is ringing Alice. Whoever speaks still has to prove it: the app takes no verdict for a code.", (f) => f.phone.call === "talking"),
    HANG_UP,
    step("phone", "#call-us", "Call us, from the app", "The app dials sixteen digits behind the number. It shows them nowhere: an impostor’s answering machine asks for what is shown.", (f) => f.desktop.ticket === "asked"),
    HANG_UP,
    POST,
    step("phone", "[data-act^=notice-]", "Is this from my bank?", "What is shown comes from the signed notice, not from the text message around it.", (f) => f.phone.noticed?.genuine > 0 || f.phone.noticed?.withdrawn > 0),
    step("behind", "[data-act^=withdraw-]", "Take it back", "The board’s next list does not have it: every app that has seen that list says so, wherever the copy stands.", (f) => f.phone.noticed?.withdrawn > 0),
    step("phone", "#reach-ask", "How long does it take now?", "What the bank’s platform measured, signed for this question, for seconds. No agent’s name, no number of agents.", (f) => f.phone.reached),
    step("phone", "[data-act^=reach-book-]", "Type a secret below, and have the bank call back instead", "The booking says from which answer it was made.", (f) => f.phone.bookedFromAnswer),
    HISTORY,
  ],
};

export const IMPOSTORS = {
  calls: [
    SET_UP,
    step("impostor", "[data-act=impostor-mallory]", "Mallory rings Alice, with the bank’s number", "The bank announced no call. Within seconds its answer says so: until all is reported, that it cannot be told.", (f) => f.phone.verdict === "not_legitimate"),
    UNANSWERED,
    step("impostor", "[data-act=impostor-card]", "Mallory rings with the number on Alice’s card", "It never calls: the phone knows by itself, and asks nobody.", (f) => f.impostor.card && f.phone.verdict === "not_legitimate"),
    UNANSWERED,
    POST,
    step("impostor", "[data-act=impostor-copy]", "Post a copy from an account that looks alike", "The token in it is genuine: it was copied.", (f) => f.phone.notices > 1),
    step("phone", "[data-act^=notice-]", "Check both messages", "What the bank signed says from where it is posted.", (f) => f.phone.noticed?.genuine > 0 && f.phone.noticed?.copied > 0),
    step("impostor", "[data-act=impostor-eve]", "Eve rings the bank as Alice", "She has no ticket: Alice’s app asked for no call.", (f) => f.impostor.eve && f.desktop.ticket === "none"),
  ],
  callback: [
    step("phone", "#book button", "Type a secret, and book a callback", "Then Mallory is quicker than the bank.", (f) => f.phone.callback === "booked"),
    step("impostor", "[data-act=impostor-mallory]", "Mallory rings Alice", "With the bank’s number on the display.", (f) => f.impostor.mallory),
    ANSWER,
    step("impostor", "[data-act=impostor-guess]", "Mallory says what he knows", "It is for sale. The secret is not: only Alice and the sealed record have it.", (f) => f.impostor.guess || f.impostor.said),
    step("impostor", "[data-act=impostor-eve]", "Eve rings the bank as Alice", "An accomplice asks the bank for the word.", (f) => f.impostor.eve),
    step("desktop", "[data-act=reveal]", "Try to show Eve’s agent the secret", "A customer’s secret is never shown in a call that came in.", (f) => f.desktop.refused > 0),
    step("phone", "#phone-ask", "Alice asks: is that really you?", "Someone is talking to the bank as her: two calls are being relayed.", (f) => f.phone.status === "someone_is_talking_as_you"),
    step("phone", "[data-act=not-them]", "Alice says: “No, not them”", "The bank showed the secret to nobody, so it was not the bank. The booking stays: an impostor must not use it up.", (f) => f.phone.reported),
    HANG_UP,
    HISTORY,
  ],
  conversation: [
    SET_UP,
    step("desktop", "#announce button", "Ask for a conversation", "A genuine notice, which Mallory can read.", (f) => OPEN.includes(f.phone.challenge)),
    step("impostor", "[data-act=impostor-copy]", "Post a copy from an account that looks alike", "The token in it is genuine: it was copied.", (f) => f.phone.messages > 1),
    step("phone", "[data-act^=check-]", "Check both messages", "What the bank signed says from where it is posted.", (f) => f.phone.copies > 0 && f.phone.checked > 0),
    step("phone", "[data-act=accept]", "Answer the genuine one", "And the bank confirms.", (f) => OPEN.slice(1).includes(f.phone.challenge)),
    step("desktop", "[data-act=confirm]", "Confirm the slot", "Now a code belongs to this appointment.", (f) => f.phone.appointment),
    step("impostor", "[data-act=impostor-mallory]", "Mallory rings first", "He knows of the appointment.", (f) => f.impostor.mallory),
    ANSWER,
    step("impostor", "[data-act=impostor-code]", "Mallory says some code", "One in a hundred million, three times.", (f) => f.impostor.code || f.impostor.said),
    step("phone", "#hear button", "Enter 1234 5678, and check it", "Not the code.", (f) => ["not_genuine", "reported"].includes(f.phone.hearing)),
    step("phone", "#phone-ask", "Ask: is that really you?", "We are not talking to you now.", (f) => ["scheduled", "not_us"].includes(f.phone.status)),
    step("phone", "#hear-not", "They know no code: report it", "The bank gives another appointment, with another code.", (f) => f.phone.hearing === "reported"),
    HANG_UP,
  ],
  transfer: [
    SET_UP,
    step("impostor", "[data-act=impostor-mallory]", "Mallory rings Alice", "“Bank Example, fraud team.”", (f) => f.impostor.mallory),
    ANSWER,
    step("impostor", "[data-act=impostor-reversal]", "Mallory asks her to approve a reversal", "At the same time…", (f) => f.impostor.reversal || f.impostor.said),
    step("impostor", "[data-act=impostor-eve]", "Eve rings the bank as Alice", "“I would like to transfer £9000.”", (f) => f.impostor.eve),
    step("desktop", "#transfer-ask", "Put in 9000.00, and ask Alice to approve", "Bob cannot tell Eve from Alice. He need not.", (f) => f.phone.stepUp),
    step("phone", "#who-enterprise", "“Who rang whom?” Alice taps “You rang me”, and once more: the app declines", "The bank signed who called whom. Mallory cannot make it say otherwise.", (f) => f.desktop.transfer === "declined"),
    step("desktop", "#transfer-book", "Try to transfer all the same", "Without Alice’s approval there is no grant, and without a grant no transfer.", (f) => f.desktop.changed > 0),
    HANG_UP,
  ],
  payment: [
    step("impostor", "[data-act=impostor-forge]", "Mallory sends a payment request", "It looks like the bank’s, and is signed: with a key of his own.", (f) => f.phone.forged > 0),
    step("phone", "[data-act^=forged-]", "Open it in the app", "The app trusts the bank’s key and no other. It asks for no card.", (f) => f.phone.unmasked > 0),
    step("impostor", "[data-act=impostor-mallory]", "Then Mallory rings", "If the app will not, perhaps Alice will.", (f) => f.impostor.mallory),
    ANSWER,
    step("impostor", "[data-act=impostor-number]", "“Just read me the number”", "Open “What we never ask for” on the phone.", (f) => f.impostor.number),
    step("phone", "#phone-ask", "Alice asks: is that really you?", "We are not talking to you.", (f) => ["not_us", "scheduled"].includes(f.phone.status)),
    HANG_UP,
  ],
};
