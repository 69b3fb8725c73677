//! Dutch, of the Netherlands and Belgium.

use crate::redact::languages::{Language, Order};

/// Dutch, of the Netherlands and Belgium.
pub const DUTCH: Language = Language {
    tag: "nl",
    order: Order::UnitsFirst,
    joined: true,
    units: "nul één|een twee drie vier vijf zes zeven acht negen",
    teens: "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien",
    tens: "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    hundreds: "honderd",
    thousand: "duizend",
    repeats: "dubbel|dubbele|tweemaal driedubbel|driedubbele|driemaal vierdubbel|viermaal",
    plurals: "nullen enen|eentjes tweeën drieën vieren vijven zessen zevens achten negens",
    links: "en dan|streepje|punt|spatie",
    fillers: "de volgende vier cijfers, vier cijfers, eh, ehm, uh, uhm, hm, hmm, mm, mhm, ja, jawel, jep, oké, ok, \
              goed, prima, dan, daarna, verder, dus, nou, zo, alstublieft, alsjeblieft, dank u, dank je, dankjewel, \
              dankuwel, bedankt, streepje, punt, spatie, komma, min, dat is, het is, dat was het, klopt, juist, \
              precies, perfect, mooi, top, begrepen, genoteerd, heb ik, momentje, een moment, een momentje, \
              even kijken, ga door, ga verder, gaat u verder, zegt u het maar, en dan, en verder, gevolgd door, \
              de volgende vier, de laatste vier, tot slot, nu, zeker, natuurlijk, slash",
    asides: "eens, eens kijken, kijken, kijk, laat, me, mij, komt, ogenblik, een ogenblik, een ogenblikje, \
              ogenblikje, een seconde, een secondje, een minuutje, een tel, seconde, wachten, even wachten, \
              vervolgens, het, is, was, uitstekend, dat, heb, hebt, heeft, ik, helemaal, gaat, ga, u, je, door, \
              luister, luistert, akkoord, fijn, wel, hoor, de, die, van, er, nog, even, volgende, eerste, nummer, \
              nummers, groep, rest, hier, daar, bent, hoort, duidelijk, in orde, geweldig, schitterend, mooi zo, \
              super, natuurlijk wel, uiteraard, vanzelfsprekend, meneer, mevrouw, alstublieft wel, staat, zeg, \
              zegt, zei, lees, leest, noteer, mijn, bril, hallo, wat, waar, hoe, zien, zie, achter, erachter, \
              begint, eindigt, nou ja, oei, ah, hè, tja, ten slotte, twee tellen",
    corrections: "nee, sorry, pardon, excuus, excuses, wacht, wacht even, ik bedoel, correctie, foutje, fout, \
              verkeerd, nogmaals, opnieuw, nog een keer, ik herhaal, oftewel, beter gezegd, klopt niet, dat klopt \
              niet, dat was fout, dat is fout, niet, ik vergis me, ik vergiste me, vergis, vergist, vergissing, \
              mis, verlezen, ik heb me vergist, ik zei het fout, oh nee, nee nee, corrigeer, ik corrigeer, doe \
              maar, terug, oeps, eigenlijk, ik wilde zeggen, neem me niet kwalijk, mijn fout, verkeerd gezegd, \
              liever",
    labels: "medewerker, medewerkster, klant, beller, adviseur, bezoeker",
    card_words: "kaart, kaarten, kaartnummer, creditcard, creditcardnummer, bankpas, pasnummer",
    code_words: &[
        "beveiligingscode",
        "veiligheidscode",
        "verificatiecode",
        "controlecode",
        "achterkant",
    ],
    expiry_words: &["vervaldatum", "verloopt", "geldig", "verloopdatum", "vervalt"],
    ..Language::NONE
};
