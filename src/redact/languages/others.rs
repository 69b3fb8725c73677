//! Languages of which there are the ten digits alone. They are looked for where a text is refused as a whole
//! ([`hidden`](crate::redact::hidden)), and not in what is masked: many of these words are others in other languages.

use crate::redact::languages::Language;

const fn digits(units: &'static str) -> Language {
    Language { units, ..Language::NONE }
}

pub(in crate::redact) const OTHERS: &[Language] = &[
    // Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian.
    digits("noll ett|en två tre fyra fem sex sju åtta nio"),
    digits("nul en|et to tre fire fem seks syv otte ni"),
    digits("null en|ett|ein to tre fire fem seks sju|syv åtte ni"),
    digits(
        "núll einn|ein|eitt tveir|tvær|tvö þrír|þrjár|þrjú fjórir|fjórar|fjögur fimm sex sjö átta níu",
    ),
    digits("nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän"),
    digits("null üks kaks kolm neli viis kuus seitse kaheksa üheksa"),
    // Latvian, Lithuanian.
    digits("nulle viens divi trīs četri pieci seši septiņi astoņi deviņi"),
    digits("nulis vienas du trys keturi penki šeši septyni aštuoni devyni"),
    // Czech, Slovak, Slovene, Croatian and Serbian, in both scripts.
    digits("nula jedna|jeden|jedno dva|dvě tři čtyři pět šest sedm osm devět"),
    digits("nula jeden|jedna|jedno dva|dve tri štyri päť šesť sedem osem deväť"),
    digits("nič|nula ena|eden|en dva|dve tri štiri pet šest sedem osem devet"),
    digits("nula jedan|jedna dva|dvije|dve tri četiri pet šest sedam osam devet"),
    digits("нула један|једна два|две три четири пет шест седам осам девет"),
    // Russian, Ukrainian, Bulgarian.
    digits("ноль|нуль один|одна|раз два|две три четыре пять шесть семь восемь девять"),
    digits("нуль один|одна два|дві три чотири пять шість сім вісім девять"),
    digits("нула едно|един|една две|два три четири пет шест седем осем девет"),
    // Hungarian, Romanian, Greek, Turkish, Albanian, Catalan.
    digits("nulla egy kettő|két három négy öt hat hét nyolc kilenc"),
    digits("zero unu|una doi|două trei patru cinci șase șapte opt nouă"),
    digits("μηδέν ένα δύο|δυο τρία τέσσερα πέντε έξι επτά|εφτά οκτώ|οχτώ εννέα|εννιά"),
    digits("sıfır bir iki üç dört beş altı yedi sekiz dokuz"),
    digits("zero një dy tre katër pesë gjashtë shtatë tetë nëntë"),
    digits("zero un|una dos|dues tres quatre cinc sis set vuit nou"),
    // Arabic, Hebrew, Persian.
    digits("صفر واحد اثنان|اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة"),
    digits("אפס אחת|אחד שתיים|שניים שלוש ארבע חמש שש שבע שמונה תשע"),
    digits("صفر یک دو سه چهار پنج شش هفت هشت نه"),
    // Indonesian and Malay, Vietnamese, Swahili, Tagalog, Afrikaans, Welsh, Irish.
    digits("nol|kosong satu dua tiga empat lima enam tujuh delapan|lapan sembilan"),
    digits("không một|mốt hai ba bốn|tư năm|lăm sáu bảy tám chín"),
    digits("sifuri moja mbili tatu nne tano sita saba nane tisa"),
    digits("sero isa dalawa tatlo apat lima anim pito walo siyam"),
    digits("nul een twee drie vier vyf ses sewe agt nege"),
    digits("dim un dau|dwy tri|tair pedwar|pedair pump chwech saith wyth naw"),
    digits("náid aon dó trí ceathair cúig sé seacht ocht naoi"),
    // Chinese, Japanese and Korean as they are romanised, and Korean.
    digits("ling yi|yao er san si wu liu qi ba jiu"),
    digits("zero|rei|maru ichi ni san yon|shi go roku nana|shichi hachi kyu|kyuu|ku"),
    digits("공|영 일 이 삼 사 오 육 칠 팔 구"),
];
