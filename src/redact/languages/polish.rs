//! Polish.

use crate::redact::languages::{Language, Order};

/// Polish.
pub const POLISH: Language = Language {
    tag: "pl",
    order: Order::TensFirst,
    units: "zero jeden|jedna|jedno|jedynka dwa|dwie|dwójka trzy|trójka cztery|czwórka pięć|piątka sześć|szóstka \
            siedem|siódemka osiem|ósemka dziewięć|dziewiątka",
    teens: "dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście \
            dziewiętnaście",
    tens: "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt \
           dziewięćdziesiąt",
    hundreds: "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset",
    thousand: "tysiąc|tysiące|tysięcy",
    repeats: "podwójne|podwójna|podwójny potrójne|potrójna|potrójny poczwórne|poczwórna",
    plurals: "zera jedynki dwójki trójki czwórki piątki szóstki siódemki ósemki dziewiątki",
    links: "i potem|kreska|myślnik|kropka|spacja",
    fillers: "kolejne cztery cyfry, cztery cyfry, yyy, eee, ee, hmm, hm, mm, mhm, aha, no, tak, no tak, dobrze, \
              dobra, okej, ok, potem, następnie, dalej, więc, proszę, dziękuję, dzięki, kreska, myślnik, kropka, \
              spacja, przecinek, minus, to jest, to, jasne, świetnie, super, idealnie, zgadza się, rozumiem, mam, \
              zapisałem, zapisałam, chwileczkę, chwila, moment, momencik, sekundę, proszę dalej, słucham, proszę \
              mówić, i potem, i dalej, teraz, na koniec, kolejne cztery, ostatnie cztery, już",
    asides: "zaraz, potem jest, jest, są, był, było, będzie, a potem, na, po, w porządku, że, niech, spojrzę, \
              sprawdzę, zobaczę, zobaczmy, poczekać, proszę poczekać, poczeka, następny, następna, następne, \
              czyli, ehm, zapisane, zapisuję, oczywiście, pięknie, zanotowałam, zanotowałem, notuję, słyszę, \
              słychać, mamy, pierwsza, pierwsze, numer, numeru, grupa, reszta, końcu, sekundkę, sekunda, chwilę, \
              chwilka, chwilkę, jedną chwilę, jedną chwilkę, jedną sekundę, jeden moment, jeszcze, raz, pan, pani, \
              pana, panie, mówi, mówię, mówić, czytam, tutaj, tu, okulary, moje, mój, co, jak, gdzie, znakomicie, \
              doskonale, wspaniale, super dziękuję, bardzo, naturalnie, pewnie, rozumie, no i, oj, ojej, halo, \
              oraz, ok dziękuję, kontynuować, zaczyna, kończy, dwie sekundy",
    corrections: "nie, przepraszam, pardon, pomyłka, pomyliłem się, pomyliłam się, to znaczy, znaczy, poprawka, \
              jeszcze raz, od nowa, powtarzam, powtórzę, czekaj, sorry, źle, raczej, pomyliło mi się, pomyliło \
              się, pomyliło, źle powiedziałem, źle powiedziałam, źle przeczytałem, źle przeczytałam, nie tak, \
              błąd, błędnie, cofam, poprawiam, miałem na myśli, miałam na myśli, chciałem powiedzieć, chciałam \
              powiedzieć, wróć, jednak, właściwie, wybaczyć, wybaczy, powtarzam jeszcze raz, ups, zaraz nie",
    labels: "konsultant, konsultantka, klient, klientka, doradca, rozmówca, dzwoniący",
    card_words: "karta, karty, kartę, karcie, karta kredytowa, numer karty",
    code_words: &["kod", "zabezpieczający", "bezpieczeństwa", "weryfikacyjny", "odwrocie"],
    expiry_words: &["ważna", "ważności", "ważność", "wygasa", "wygaśnięcia"],
    ..Language::NONE
};
