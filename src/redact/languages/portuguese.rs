//! Portuguese, of Portugal and Brazil.

use crate::redact::languages::{Language, Order};

/// Portuguese, of Portugal and Brazil.
pub const PORTUGUESE: Language = Language {
    tag: "pt",
    order: Order::TensFirst,
    units: "zero um|uma dois|duas três quatro cinco seis|meia sete oito nove",
    teens: "dez onze doze treze catorze|quatorze quinze dezesseis|dezasseis dezessete|dezassete dezoito \
            dezenove|dezanove",
    tens: "vinte trinta quarenta cinquenta|cinqüenta sessenta setenta oitenta noventa",
    hundreds: "cem|cento duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas \
               seiscentos|seiscentas setecentos|setecentas oitocentos|oitocentas novecentos|novecentas",
    thousand: "mil",
    repeats: "duplo|dobro|duplo triplo quádruplo",
    plurals: "zeros uns",
    links: "e depois|traço|hífen|ponto|espaço",
    fillers: "os quatro dígitos seguintes, os quatro números seguintes, quatro dígitos, hum, hã, ã, é, ahn, ah, \
              eh, mm, mhm, aham, uhum, sim, tá, tá bom, está bem, certo, bom, bem, depois, então, ok, okay, \
              obrigado, obrigada, muito obrigado, por favor, se faz favor, traço, hífen, ponto, espaço, vírgula, \
              menos, perfeito, muito bem, ótimo, correto, exato, isso, isso mesmo, claro, pode falar, pode \
              continuar, continue, um momento, um minuto, um segundo, só um momento, aguarde, anotado, anotei, e \
              depois, e então, seguido de, os próximos quatro, os últimos quatro, por fim, agora, barra, estou \
              ouvindo, deixa eu ver, é o",
    asides: "deixe ver, deixe, ver, vamos ver, vamos, a seguir, seguir, vem, pronto, ora, ora bem, instante, só, \
             só um instante, um instante, um instantinho, um momentinho, um minutinho, um segundinho, um bocadinho, \
             aí, aí vem, entendi, percebi, pois, pois não, pode, pode seguir, certinho, beleza, senhor, senhora, \
             ouvir, ouço, estou, os, as, de, da, que, são, tem, segue, seguinte, seguintes, próximo, próximos, \
             primeiro, primeiros, número, números, grupo, resto, fim, me, lhe, ali, aqui, escutando, escuto, anotando, \
             anoto, perfeitamente, legal, joia, combinado, tudo, tudo bem, excelente, maravilha, fixe, com certeza, \
             certamente, sem problema, obrigadinho, diga, fale, falar, leia, ler, ainda, mais, está, era, meu, minha, \
             óculos, hmm, hm, alô, tô, qual, onde, como, termina, começa, outro, outra",
    corrections: "não, desculpe, desculpa, perdão, errei, quero dizer, quer dizer, aliás, ou melhor, correção, \
              corrigindo, repito, repetindo, de novo, outra vez, espera, espere, enganei-me, peço desculpa, peço \
              perdão, me enganei, engano, enganado, errado, errada, está errado, estava errado, falei errado, li \
              errado, mal, retifico, retificando, corrijo, erro, melhor dizendo, queria dizer, ops, opa, não era, \
              esquece, apague, repita",
    labels: "atendente, assessor, cliente, operador, operadora, usuário",
    card_words: "cartão, cartões, cartão de crédito, cartão de débito",
    code_words: &["segurança", "código", "verificação", "verso"],
    expiry_words: &["validade", "vencimento", "vence", "válido", "expira"],
    ..Language::NONE
};
