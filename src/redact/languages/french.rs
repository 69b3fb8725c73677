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
    fillers: "les quatre chiffres suivants, quatre chiffres, \
              euh, heu, hum, hein, ben, bah, bon, alors, donc, puis, ensuite, après, oui, ouais, voilà, d'accord, \
              ok, okay, merci, s'il vous plaît, s'il te plaît, tiret, point, espace, virgule, moins, c'est, c'est ça, \
              très bien, bien, parfait, super, exact, exactement, mhm, mm, hmm, je note, c'est noté, noté, allez-y, \
              attendez, un instant, un moment, une seconde, et puis, et ensuite, et après, continuez, suivi de, \
              les quatre suivants, les quatre derniers, les quatre premiers, pour finir, enfin, là, merci beaucoup, \
              je vous écoute, j'écoute, alors voilà, barre, slash",
    corrections: "non, pardon, désolé, désolée, excusez-moi, attends, je me trompe, je veux dire, plutôt, \
                  correction, je corrige, je répète, je recommence, erreur, oups, je reprends, encore une fois",
    labels: "conseiller, conseillère, cliente, appelant, appelante, téléconseiller",
    card_words: "carte, cartes, carte bancaire, carte bleue, numéro de carte",
    code_words: &["cryptogramme", "crypto", "sécurité", "vérification", "dos", "verso"],
    expiry_words: &["expiration", "validité", "valable", "échéance"],
    ..Language::NONE
};
