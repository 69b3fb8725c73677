//! English as it is said on the telephone in Britain, Ireland, North America, India and Australia.

use crate::redact::languages::{Language, Order};

/// English as it is said on the telephone in Britain, Ireland, North America, India and Australia.
pub const ENGLISH: Language = Language {
    tag: "en",
    order: Order::TensFirst,
    units: "zero|nought|naught|nil|zip|aught|ought one two three four|fower five|fife six seven eight nine|niner",
    teens: "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    tens: "twenty thirty forty|fourty fifty sixty seventy eighty ninety",
    hundreds: "hundred",
    thousand: "thousand",
    articles: "a",
    sighs: "oh|ohh|ooh|oooh o",
    repeats: "double triple|treble quadruple|quad",
    plurals: "zeros|zeroes|noughts|naughts|ohs|nils ones twos|twoes threes fours fives|fivers sixes \
              sevens eights nines",
    links: "and",
    fillers: "next four digits, four digits, three digits, sixteen digits, two digits, um, umm, uh, uhm, er, erm, \
              ah, aha, hmm, hm, mm, mmm, mhm, mm-hm, mm-hmm, mmhmm, mhmm, uh-huh, huh, ok, okay, kay, right, \
              alright, all right, yes, yeah, yep, yup, yah, aye, sure, then, next, now, so, well, like, you know, \
              please, thanks, thank you, ta, cheers, lovely, perfect, great, good, cool, fine, brilliant, \
              excellent, super, correct, that's it, that's right, that is, that's, it's, it is, is, hang on, go \
              on, go ahead, got it, got that, gotcha, i got, bear with me, one moment, one second, one sec, just a \
              moment, just a second, a moment, let me see, let's see, let me just, i think, followed by, carry on, \
              continue, ready, listening, i'm listening, noted, and then, and the next, next four, the next four, \
              the last four, last four, first four, the first four, next bit, and finally, finally, lastly, and \
              that's, dash, hyphen, minus, space, slash, stroke, dot, point, comma, underscore, gap, pause, full \
              stop, the number is, number, is it, of course, there you go, here goes, alrighty, righto, \
              right then, okey, dokey",
    asides: "it, its, an, was, are, am, been, you, your, we, there, here, what, whats, where, this, these, those, \
              that, goes, going, comes, come, get, got, have, has, had, did, does, can, could, hear, see, say, \
              said, says, check, find, look, looking, let, lets, me, my, us, just, still, really, very, much, up, \
              so far, all, bit, bits, part, rest, first, set, group, moving, keep, roger, copy, splendid, fab, \
              brill, grand, no problem, no worries, wonderful, understood, marvellous, marvelous, amazing, \
              awesome, fantastic, stuff, righty, ho, sounds, absolutely, exactly, indeed, sec, secs, tick, moment, \
              minute, second, hmmm, ummm, uhh, uhhh, ermm, eh, em, ehm, ahem, after, after that, after \
              which, plus, eyes, glasses, dear, gosh, god, goodness, blimey, heavens, one tick, one minute, two \
              secs, two seconds, half, with me, works, clear, i see, last but not least, final four, last two, \
              next two, next three, next six, next five, first six, first two, of it, okay then, received, \
              certainly, definitely, thankyou, sir, madam, mate, love, darling, buddy, man, yes sir, bear, hang, \
              hold, while, whilst, because, if, how, which, about, again please, speaking, slowly, slower, louder, \
              line, breaking, phone, hello, beautiful, nice, neat, sweet, smashing, champion, deal, done, onto, in \
              total, altogether, starts, starting, begins, beginning, go, fire, fire away, ve, re, ll, or, next \
              one is, next one s, the next one is, the next one s, last one is, last one s, the last one is, the \
              last one s, then one more, what s next, them, they, don, won, worry, take, took, taking, time, when, \
              whenever, ready when you are, carrying, too, also, again then, there s, here s, what s, who s, i m, \
              i m with you, with you so far, i ve, i ll, you re, we re, they re, let s, the rest is, and the rest \
              is, the last bit is, last bit is, the last bit s, next bit is, next bit s, to finish, and to finish, \
              if i can read it, with a, with an",
    corrections: "no, nope, sorry, no sorry, sorry no, wait, actually, i mean, correction, scratch that, rather, oops, \
              hold on, my mistake, i beg your pardon, beg your pardon, pardon, not, make that, let me start again, \
              start again, let me start over, start over, again, once more, let me repeat, i repeat, repeat, \
              apologies, excuse me, strike that, my bad, i'll start again, wrong, misread, misheard, misspoke, \
              meant, ignore, ignore that, cancel, cancel that, delete, delete that, typo, apologise, apologize, \
              should be, that should be, should have been, incorrect, mistake, mistaken, instead, whoops, \
              whoopsie, rewind, mixed up, messed up, try again, let me try again, read that again, oh no, no no, \
              correct that, let me correct that, one more time, from the top, beg pardon",
    labels: "agent, advisor, adviser, operator, representative, rep, assistant, bot, support, caller, customer, \
             client, user, cardholder, member, patient, speaker, visitor, guest, me, you, him, her, them, host",
    card_words: "card, cards, visa, mastercard, amex, maestro, debit, credit, discover, long number",
    code_words: &[
        "cvv",
        "cvc",
        "cvn",
        "csc",
        "cid",
        "cav",
        "code",
        "security",
        "cvd",
        "verification",
        "signature",
        "back",
    ],
    expiry_words: &[
        "exp",
        "expiry",
        "expires",
        "expire",
        "expiring",
        "expiration",
        "expired",
        "valid",
        "thru",
        "through",
        "yy",
        "until",
        "ends",
        "ending",
    ],
    ..Language::NONE
};
