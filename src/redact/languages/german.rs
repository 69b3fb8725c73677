//! German, of Germany, Austria and Switzerland.

use crate::redact::languages::{Language, Order};

/// German, of Germany, Austria and Switzerland.
pub const GERMAN: Language = Language {
    tag: "de",
    order: Order::UnitsFirst,
    joined: true,
    units: "null eins|ein|eine|einer|einmal zwei|zwo drei vier fünf|fuenf sechs sieben acht neun",
    teens: "zehn elf zwölf|zwoelf dreizehn vierzehn fünfzehn|fuenfzehn sechzehn siebzehn achtzehn neunzehn",
    tens: "zwanzig dreißig|dreissig vierzig fünfzig|fuenfzig sechzig siebzig achtzig neunzig",
    hundreds: "hundert",
    thousand: "tausend",
    repeats: "doppel|doppelt|doppelte|zweimal dreifach|dreifache|dreimal vierfach|vierfache|viermal",
    plurals: "nullen einsen zweien|zweier dreien|dreier vieren|vierer fünfen|fünfer sechsen|sechser \
              siebener achten|achter neunen|neuner",
    links: "und dann|strich|minus|punkt|leerzeichen",
    fillers: "die nächsten vier ziffern, vier ziffern, vier zahlen, äh, ähm, öh, öhm, hm, hmm, mhm, mm, ja, jo, \
              jep, genau, gut, okay, ok, also, dann, danach, weiter, so, jetzt, nun, bitte, danke, danke schön, \
              dankeschön, vielen dank, strich, minus, punkt, leerzeichen, leertaste, komma, bindestrich, \
              schrägstrich, das ist, das wäre, es ist, das war's, moment, einen moment, moment mal, einen \
              augenblick, augenblick, richtig, verstanden, alles klar, klar, prima, super, perfekt, sehr gut, \
              notiert, hab ich, habe ich, und dann, und weiter, als nächstes, sozusagen, gern, gerne, jawohl, aha, \
              ach so, soweit, stimmt, machen sie weiter, weiter bitte, die nächsten vier, die letzten vier, die \
              ersten vier, zum schluss, gefolgt von, warten sie",
    asides: "ich, höre, wir, sie, haben, habe, hab, hat, ist, sind, war, wäre, wärs, kommt, kommen, geht, gehts, \
              es, da, der, die, den, dem, noch, mal, mich, mir, lassen, schauen, schaue, schau, sehen, sehe, \
              sagen, sagte, hören, hör, passt, in ordnung, wunderbar, toll, schön, sehr, klasse, bestens, fein, \
              nächste, nächsten, erste, ersten, gruppe, rest, schluss, fertig, ach, na, ne, tja, hallo, wissen, \
              sekunde, eine sekunde, ein moment, einen kleinen moment, ein kleiner moment, eine kleine sekunde, \
              ein augenblick, augenblickchen, momentchen, momentchen bitte, kurz, gerade, auch, nur, zu, zum, von, \
              auf, warten, lese, lesen, notiere, notieren, sagen wir, wie gesagt, hier, nummer, lautet, heißt, \
              drauf, steht, folgt, folgende, folgenden, dahinter, zuletzt, schließlich, endlich, hervorragend, \
              ausgezeichnet, einverstanden, freilich, selbstverständlich, natürlich, gerne weiter, bei, was, wo, \
              wie, meine, meiner, brille, geht s, hab s, weitergeht, weiter geht s",
    corrections: "nein, nee, entschuldigung, verzeihung, sorry, pardon, falsch, korrektur, ich meine, warte, stopp, \
              halt, quatsch, moment nein, nochmal, noch mal, noch einmal, ich korrigiere, vielmehr, ich \
              wiederhole, von vorne, besser gesagt, tut mir leid, das war falsch, das ist falsch, das stimmt \
              nicht, stimmt nicht, das war nicht richtig, verkehrt, verlesen, versprochen, vertan, irrtum, fehler, \
              mein fehler, ich korrigiere mich, korrigiere, nicht, sondern, zurück, streichen, ich habe mich \
              versprochen, ich habe mich vertan, ich habe mich verlesen, ups, hoppla, ich wollte sagen, \
              eigentlich, pardon nein, ich beginne noch einmal",
    labels: "berater, beraterin, kunde, kundin, anrufer, anruferin, mitarbeiter, mitarbeiterin, agentin",
    card_words: "karte, kartennummer, kreditkarte, kreditkartennummer, debitkarte, girokarte, karten",
    code_words: &[
        "prüfziffer",
        "prüfnummer",
        "kartenprüfnummer",
        "sicherheitscode",
        "sicherheitsnummer",
        "kpn",
        "rückseite",
    ],
    expiry_words: &["gültig", "ablaufdatum", "gültigkeit", "ablauf", "verfällt", "verfallsdatum"],
    ..Language::NONE
};
