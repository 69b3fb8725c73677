//! Spanish, of Spain and Latin America.

use crate::redact::languages::{Language, Order};

/// Spanish, of Spain and Latin America.
pub const SPANISH: Language = Language {
    tag: "es",
    order: Order::TensFirst,
    joined: true,
    units: "cero uno|un|una dos tres cuatro cinco seis siete ocho nueve",
    teens: "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve",
    tens: "veinte|veinti treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    hundreds: "cien|ciento doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas \
               quinientos|quinientas seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas \
               novecientos|novecientas",
    thousand: "mil",
    repeats: "doble triple cuádruple",
    plurals: "ceros unos doses treses cuatros cincos seises sietes ochos nueves",
    links: "y luego|guion|punto|espacio",
    fillers: "los cuatro dígitos siguientes, los cuatro números siguientes, cuatro dígitos, eh, em, este, esto, mmm, \
              mm, mhm, ajá, sí, vale, bueno, pues, luego, después, entonces, ok, okay, gracias, muchas gracias, \
              por favor, guion, punto, espacio, coma, menos, es, es el, perfecto, muy bien, bien, correcto, exacto, \
              eso es, claro, de acuerdo, dígame, diga, adelante, siga, continúe, un momento, un segundo, espere, \
              anotado, a ver, y luego, y después, seguido de, los siguientes cuatro, los cuatro siguientes, \
              los últimos cuatro, por último, ya, listo, barra, aquí, órale, ándale",
    asides: "vamos a ver, vamos, ver, déjeme, déjeme ver, deje, viene, momentito, un momentito, un segundito, \
             un ratito, un minuto, un minutito, o sea, sea, entendido, sigue, tengo, lo, lo tengo, la, el, los, las, \
             de, del, que, hay, siguiente, siguientes, primero, primeros, número, números, grupo, resto, apuntado, \
             apunto, estupendo, okey, genial, muy, me, le, les, te, se, ahora, ahí, acá, tome, tomo, nota, anoto, \
             anotando, escucho, escuche, oigo, oye, otro, otra, más, está, son, era, por, como, donde, mi, mis, \
             lentes, gafas, así, claro que sí, por supuesto, desde luego, venga, hala, fenomenal, excelente, \
             buenísimo, señor, señora, señorita, sale, ay, ah, hm, hmm, mande, le sigo, prosiga, ahorita, nada más, \
             termina, empieza, y ya está",
    corrections: "no, perdón, perdone, perdona, lo siento, disculpe, disculpa, me equivoqué, me he equivocado, quiero \
              decir, digo, mejor dicho, corrección, corrijo, repito, otra vez, de nuevo, espera, me confundí, me \
              he confundido, confundí, rectifico, rectificación, error, errata, equivocado, equivocación, mal, \
              está mal, estaba mal, lo dije mal, leí mal, corrija, borre, olvide, es decir, perdón no, repetimos, \
              ups, no era, quise decir, quería decir",
    labels: "agente, asesor, asesora, cliente, clienta, llamante, operador, operadora, usuario",
    card_words: "tarjeta, tarjetas, tarjeta de crédito, tarjeta de débito",
    code_words: &["seguridad", "código", "verificación", "reverso", "dorso"],
    expiry_words: &["caducidad", "caduca", "vence", "vencimiento", "expira", "válida", "validez"],
    ..Language::NONE
};
