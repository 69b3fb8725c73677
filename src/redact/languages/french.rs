//! French, of France, Belgium, Switzerland and Canada.

use crate::redact::languages::{Language, Order};

/// French, of France, Belgium, Switzerland and Canada.
pub const FRENCH: Language = Language {
    tag: "fr",
    order: Order::Scores,
    units: "zéro un|une deux trois quatre cinq six sept huit neuf",
    teens: "dix onze douze treize quatorze quinze seize dixsept dixhuit dixneuf",
    tens: "vingt|vingts trente quarante cinquante soixante septante huitante|octante nonante",
    hundreds: "cent|cents",
    thousand: "mille",
    repeats: "double triple quadruple",
    plurals: "zéros",
    links: "et puis|tiret|point|espace",
    fillers: "les quatre chiffres suivants, quatre chiffres, euh, heu, hum, hein, ben, bah, bon, alors, donc, \
              puis, ensuite, après, oui, ouais, voilà, d'accord, ok, okay, merci, s'il vous plaît, s'il te plaît, \
              tiret, point, espace, virgule, moins, c'est, c'est ça, très bien, bien, parfait, super, exact, \
              exactement, mhm, mm, hmm, je note, c'est noté, noté, allez-y, attendez, un instant, un moment, une \
              seconde, et puis, et ensuite, et après, continuez, suivi de, les quatre suivants, les quatre \
              derniers, les quatre premiers, pour finir, enfin, là, merci beaucoup, je vous écoute, j'écoute, \
              alors voilà, barre, slash",
    asides: "attendez voir, voyons, voyons voir, il y a, du coup, eh bien, voyez-vous, une petite seconde, \
             un petit instant, un petit moment, une minute, une petite minute, un tout petit instant, ça, ça va, \
             ça marche, reçu, compris, entendu, je, vous, suis, ai, le, les, de, des, du, au, que, qui, est, sont, \
             était, on, en, dit, dis, lis, lire, voir, vois, encore, suite, suivant, suivante, suivants, premier, \
             premiers, numéro, numéros, groupe, reste, parfaitement, poursuivez, allons-y, allez, vas-y, génial, \
             nickel, impeccable, excellent, formidable, juste, petit, petite, seconde, instant, minute, moi, me, mes, \
             mon, ma, lunettes, tout, tac, entends, entendez, écoute, écoutez, prends, sur, pour, si, où, comment, \
             quoi, vient, viennent, commence, finit, terminer, termine, ensuite c'est, mmm, euhm, hop, tiens, tenez, \
             certainement, absolument, tout à fait, pas de souci, aucun problème, merci bien, allô, là-dessus, ligne",
    corrections: "non, pardon, désolé, désolée, excusez-moi, attends, je me trompe, je veux dire, plutôt, correction, \
              je corrige, je répète, je recommence, erreur, oups, je reprends, encore une fois, je me suis trompé, \
              je me suis trompée, trompé, trompée, rectifie, je rectifie, rectification, faux, c'est faux, c'était \
              faux, pas ça, ce n'est pas ça, mauvais, fausse, annulez, oubliez, reprenons, recommence, voulais \
              dire, je voulais dire, je dis, excusez, mille excuses, mea culpa, oh pardon, ah non, mal lu, j'ai \
              mal lu",
    labels: "conseiller, conseillère, cliente, appelant, appelante, téléconseiller",
    card_words: "carte, cartes, carte bancaire, carte bleue, numéro de carte",
    code_words: &["cryptogramme", "crypto", "sécurité", "vérification", "dos", "verso"],
    expiry_words: &["expiration", "validité", "valable", "échéance"],
    ..Language::NONE
};
