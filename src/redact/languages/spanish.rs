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
    fillers: "los cuatro dígitos siguientes, los cuatro números siguientes, cuatro dígitos, \
              eh, em, este, esto, mmm, mm, mhm, ajá, aja, sí, si, vale, bueno, pues, luego, después, entonces, \
              ok, okay, gracias, muchas gracias, por favor, guion, punto, espacio, coma, menos, es, es el, perfecto, \
              muy bien, bien, correcto, exacto, eso es, claro, de acuerdo, dígame, diga, adelante, siga, continúe, \
              un momento, un segundo, espere, anotado, a ver, y luego, y después, seguido de, los siguientes cuatro, \
              los cuatro siguientes, los últimos cuatro, por último, ya, listo, barra, aquí, órale, ándale",
    corrections: "no, perdón, perdone, perdona, lo siento, disculpe, disculpa, me equivoqué, me he equivocado, \
                  quiero decir, digo, mejor dicho, corrección, corrijo, repito, otra vez, de nuevo, espera",
    labels: "agente, asesor, asesora, cliente, clienta, llamante, operador, operadora, usuario",
    card_words: "tarjeta, tarjetas, tarjeta de crédito, tarjeta de débito",
    code_words: &["seguridad", "código", "verificación", "reverso", "dorso"],
    expiry_words: &["caducidad", "caduca", "vence", "vencimiento", "expira", "válida", "validez"],
    ..Language::NONE
};
