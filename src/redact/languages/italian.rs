//! Italian.

use crate::redact::languages::{Language, Order};

/// Italian.
pub const ITALIAN: Language = Language {
    tag: "it",
    order: Order::TensFirst,
    joined: true,
    units: "zero uno|un|una due tre quattro cinque sei sette otto nove",
    teens: "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove",
    tens: "venti|vent trenta|trent quaranta|quarant cinquanta|cinquant sessanta|sessant settanta|settant \
           ottanta|ottant novanta|novant",
    hundreds: "cento|cent",
    thousand: "mila|mille",
    repeats: "doppio|doppia triplo|tripla quadruplo",
    plurals: "zeri",
    links: "e poi|trattino|punto|spazio",
    fillers: "le quattro cifre successive, le quattro successive, quattro cifre, ehm, eh, ehi, mmm, mm, mhm, ecco, \
              allora, dunque, poi, quindi, sì, va bene, bene, benissimo, ok, okay, grazie, grazie mille, per favore, \
              per cortesia, prego, trattino, punto, spazio, virgola, meno, è, è il, perfetto, esatto, giusto, certo, \
              d'accordo, capito, ho capito, ho segnato, segnato, un attimo, un momento, un secondo, attenda, aspetti, \
              mi dica, dica, vada avanti, continui, avanti, e poi, seguito da, i prossimi quattro, gli ultimi quattro, \
              infine, adesso, ora, barra, la ascolto, diciamo",
    asides: "vediamo, attimino, un attimino, un momentino, un secondino, un minuto, un minutino, c'è, ci, dopo, \
              dopo di che, di, che, mi, faccia, faccia vedere, vedere, vedo, insomma, qua, ricevuto, vada, pure, \
              la, il, lo, le, gli, del, della, dei, seguo, certamente, ottimo, sì sì, sono, ancora, prossimo, \
              prossima, prossimi, prossime, primo, prima, primi, prime, numero, numeri, gruppo, resto, qui, sento, \
              sente, senta, scritto, scrivo, annotato, annoto, segno, secondo, secondino, momentino, va benissimo, \
              senz'altro, sicuro, assolutamente, splendido, meraviglioso, signore, signora, come, dove, per, più, \
              era, è scritto, ecco qua, leggo, legga, leggere, aspetti un attimo, prosegua, segue, seguono, poi \
              c'è, pronto, occhiali, miei, mio, mia, altro, altra, finisce, comincia, inizia, tutto, nient'altro",
    corrections: "no, scusi, scusa, mi scusi, mi dispiace, aspetta, ho sbagliato, volevo dire, cioè, anzi, correzione, \
              correggo, ripeto, di nuovo, da capo, ricomincio, pardon, errore, mi sono sbagliato, mi sono \
              sbagliata, sbagliato, sbagliata, sbaglio, chiedo scusa, chiedo venia, rettifico, rettifica, errato, \
              errata, ho detto male, ho letto male, male, intendevo, ops, non, non era, sbagliavo, cancelli, \
              ricomincio da capo",
    labels: "operatore, operatrice, cliente, chiamante, consulente, utente",
    card_words: "carta, carte, carta di credito, carta di debito",
    code_words: &["sicurezza", "codice", "verifica", "retro"],
    expiry_words: &["scadenza", "scade", "valida", "validità"],
    ..Language::NONE
};
