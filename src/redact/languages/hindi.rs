//! Hindi, in Devanagari and as it is written in Latin letters; with the English numbers that it is spoken with.
//!
//! The numbers up to 99 are words of their own.

use crate::redact::languages::{Language, Order};

/// Hindi, in Devanagari and in Latin letters.
pub const HINDI: Language = Language {
    tag: "hi",
    order: Order::TensFirst,
    units: "शून्य|सिफर|ज़ीरो|जीरो|shunya|shoonya|sifar एक|वन|ek दो|टू|do तीन|थ्री|teen|tin चार|फोर|char|chaar \
            पांच|पाँच|फाइव|panch|paanch छह|छः|छे|छ|सिक्स|chhe|cheh|chhah|chah सात|सेवन|saat|sat \
            आठ|एट|aath|ath नौ|नाइन|nau",
    teens: "दस|das ग्यारह|gyarah|gyaarah बारह|barah|baarah तेरह|terah चौदह|chaudah पंद्रह|पन्द्रह|pandrah \
            सोलह|solah सत्रह|satrah अठारह|अट्ठारह|atharah|athaarah उन्नीस|unnees|unnis",
    compounds: "बीस|bees|bis इक्कीस|ikkees|ikkis बाईस|बाइस|baees|bais तेईस|तेइस|teees|teis चौबीस|chaubees|chaubis \
                पच्चीस|pachchees|pachis|pacchis छब्बीस|chhabbees|chabbis सत्ताईस|सत्ताइस|sattaees|sattais \
                अट्ठाईस|अट्ठाइस|अठाईस|atthaees|attais उनतीस|unatees|untis \
                तीस|tees|tis इकतीस|इकत्तीस|ikatees|iktis बत्तीस|batees|battis तैंतीस|taintees|taintis \
                चौंतीस|chauntees|chauntis पैंतीस|paintees|paintis छत्तीस|chhattees|chattis सैंतीस|saintees|saintis \
                अड़तीस|adtees|adtis उनतालीस|untaalees|untalis \
                चालीस|chaalees|chalis इकतालीस|iktaalees|iktalis बयालीस|bayaalees|bayalis तैंतालीस|taintaalees|taintalis \
                चौवालीस|चवालीस|chauvaalees|chavalis पैंतालीस|paintaalees|paintalis छियालीस|chhiyaalees|chiyalis \
                सैंतालीस|saintaalees|saintalis अड़तालीस|adtaalees|adtalis उनचास|unchaas|unchas \
                पचास|pachaas|pachas इक्यावन|ikyaavan|ikyavan बावन|baavan|bavan तिरपन|tirpan चौवन|chauvan \
                पचपन|pachpan छप्पन|chhappan|chappan सत्तावन|sattaavan|sattavan अट्ठावन|अठावन|atthaavan|athavan \
                उनसठ|unsath \
                साठ|saath|sath इकसठ|iksath बासठ|baasath|basath तिरसठ|tirsath चौंसठ|चौसठ|chaunsath पैंसठ|painsath \
                छियासठ|chhiyaasath|chiyasath सड़सठ|sadsath अड़सठ|adsath उनहत्तर|unhattar \
                सत्तर|sattar इकहत्तर|ikhattar बहत्तर|bahattar तिहत्तर|tihattar चौहत्तर|chauhattar \
                पचहत्तर|pachhattar छिहत्तर|chhihattar सतहत्तर|sathattar अठहत्तर|athhattar उन्यासी|उनासी|unyaasi|unasi \
                अस्सी|assi इक्यासी|ikyaasi|ikyasi बयासी|bayaasi|bayasi तिरासी|tiraasi|tirasi चौरासी|chauraasi|chaurasi \
                पचासी|pachaasi|pachasi छियासी|chhiyaasi|chiyasi सत्तासी|सतासी|sattaasi|satasi अट्ठासी|अठासी|atthaasi|athasi \
                नवासी|navaasi|navasi \
                नब्बे|nabbe इक्यानवे|इक्यानबे|ikyaanve|ikyanve बानवे|बानबे|baanve|banve तिरानवे|तिरानबे|tiraanve|tiranve \
                चौरानवे|चौरानबे|chauraanve|chauranve पचानवे|पंचानवे|pachaanve|pachanve \
                छियानवे|छियानबे|chhiyaanve|chiyanve सत्तानवे|सत्तानबे|sattaanve|sattanve \
                अट्ठानवे|अट्ठानबे|atthaanve|athanve निन्यानवे|निन्यानबे|ninyaanve|ninyanve",
    hundreds: "सौ|sau",
    thousand: "हज़ार|हजार|hazaar|hazar|hajar",
    repeats: "डबल|दोहरा|dohra ट्रिपल|तिहरा|tihra चौहरा",
    links: "और|aur",
    fillers: "अगले चार, अगले चार अंक, aur agle chaar, agle chaar ank, उम, अं, अम, हम्म, हूँ, हाँ, हां, हाँ जी, हां \
              जी, जी, जी हाँ, जी हां, अच्छा, ठीक, ठीक है, फिर, आगे, फिर आगे, तो, धन्यवाद, शुक्रिया, कृपया, ओके, \
              ओह, है, यह है, बस, सही, सही है, बिल्कुल, रुकिए, एक मिनट, बोलिए, बताइए, और फिर, उसके बाद, डैश, स्पेस, \
              haan, haan ji, han, ji, ji haan, accha, achha, theek, theek hai, thik hai, phir, fir, aage, uske \
              baad, dhanyavad, shukriya, kripya, hai, bas, sahi, bilkul, rukiye, ek minute, boliye, bataiye, aur \
              phir, hmm, um, uh, ok, okay, yes, space, dash",
    asides: "समझ, समझा, समझ गया, समझ गई, गया, गई, बहुत, बढ़िया, लिख, लिया, लिखा, नोट, कर, कीजिए, बाद, हैं, देखिए, \
              देखता, देखती, देखें, हूं, ज़रा, जरा, ठहरिए, रुको, कि, अब, इसके, इसके बाद, मैं, मैंने, यह, ये, वह, \
              का, के, की, को, में, से, नंबर, नम्बर, अगला, अगली, पहले, पहला, सुन, सुनिए, रहा, रही, रहे, हो, दे, एक \
              सेकंड, एक सेकेंड, एक क्षण, एक पल, सेकंड, मिनट, और क्या, बोलो, बताओ, बोलता, बोलती, पढ़, पढ़ता, चलिए, \
              चलो, अरे, अच्छा जी, ठीक है जी, नोट कर लिया, लिख लिया, ज़रा ठहरिए, फिर है, थैंक यू, सर, मैडम, येस, \
              शुरू, खत्म, यहाँ, वहाँ, मेरा, मेरी, चश्मा, तक, भी, ही, तो फिर, acha, thik, likh, liya, note, kar, \
              dekhiye, zara, ab, iske baad, bahut, samajh, gaya",
    corrections: "नहीं, नही, माफ़ कीजिए, माफ कीजिए, माफ़ करना, सॉरी, गलत, ग़लत, मतलब, मेरा मतलब, फिर से, दोबारा, nahi, \
              nahin, maaf kijiye, sorry, galat, matlab, mera matlab, phir se, dobara, no, गलती, ग़लती, गलती हो गई, \
              क्षमा, क्षमा कीजिए, माफी, माफ़ी, छोड़िए, ग़लत बोल दिया, गलत बोल दिया, गलत पढ़ा, ठीक से, वापस, असल \
              में, galti, maafi, chhodiye",
    labels: "एजेंट, ग्राहक, कॉलर",
    card_words: "कार्ड, क्रेडिट, डेबिट, card",
    code_words: &["कोड", "सीवीवी", "सुरक्षा"],
    expiry_words: &["समाप्ति", "वैध", "वैधता"],
    ..Language::NONE
};
