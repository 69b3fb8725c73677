//! Fobs in a key container: RFC 6030's own examples, containers that another implementation wrote, and what is refused.

use core::num::NonZeroU32;

use countersign::credential::pskc::{PskcError, PskcKey, PskcReader, UnusableKey};
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, SeedError, Totp};

use crate::support::credentials::response;
use crate::support::step_ups::{asking, bank, change};
use crate::support::*;

const FIGURE_6: &str = include_str!("../vectors/pskc/rfc6030-figure-6.xml");
const FIGURE_7: &str = include_str!("../vectors/pskc/rfc6030-figure-7.xml");
const KEY_6: [u8; 16] = [
    0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12,
];
/// Of python-pskc 1.3: three keys each, whose seeds are the twenty bytes from their number on.
const WRITTEN: [(&str, &str); 4] = [
    ("plain", include_str!("../vectors/pskc/plain.xml")),
    ("aes128", include_str!("../vectors/pskc/aes128.xml")),
    ("aes256", include_str!("../vectors/pskc/aes256.xml")),
    ("pbkdf2", include_str!("../vectors/pskc/pbkdf2.xml")),
];
const KEY_OF_WRITTEN: [u8; 32] = {
    let mut key = [0; 32];
    let mut n = 0_u8;
    while n < 32 {
        key[n as usize] = n;
        n += 1;
    }
    key
};

fn reader(name: &str) -> PskcReader<'static> {
    match name {
        "aes128" => PskcReader::new().pre_shared_key(&KEY_OF_WRITTEN[..16]),
        "aes256" => PskcReader::new().pre_shared_key(&KEY_OF_WRITTEN),
        "pbkdf2" => PskcReader::new().password("qwerty"),
        _ => PskcReader::new(),
    }
}

/// Imports the key, and says whether this code of it is right.
async fn takes(key: PskcKey, code: &countersign::otp::Code) -> bool {
    let bank = bank();
    bank.verifier.credentials().import(&alice(), &key.fob.unwrap()).await.unwrap();
    let asking = asking("s-1", change());
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&bob_rings("call-1"), &asking).await.unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &response(code)).await.is_ok()
}

fn only(keys: Vec<PskcKey>) -> PskcKey {
    let [key] = <[PskcKey; 1]>::try_from(keys).unwrap();
    key
}

#[tokio::test]
async fn the_rfc_s_encrypted_containers_hold_what_the_rfc_says() {
    let seed = OtpSeed::from_bytes(b"12345678901234567890").unwrap();
    let hotp = Hotp::new(&seed, Algorithm::Sha1, Digits::EIGHT);
    let by_key = PskcReader::new().pre_shared_key(&KEY_6).read(FIGURE_6).unwrap();
    let by_password = PskcReader::new().password("qwerty").read(FIGURE_7).unwrap();
    for (keys, id, maker) in
        [(by_key, "12345678", "Manufacturer"), (by_password, "123456", "TokenVendorAcme")]
    {
        let key = only(keys);
        assert_eq!(key.id.as_deref(), Some(id));
        assert_eq!(key.serial.as_deref(), Some("987654321"));
        assert_eq!(key.manufacturer.as_deref(), Some(maker));
        assert!(takes(key, &hotp.generate(0)).await);
    }
}

#[tokio::test]
async fn containers_of_another_implementation_are_read() {
    for (name, xml) in WRITTEN {
        let keys = reader(name).read(xml).unwrap();
        assert_eq!(keys.len(), 3);
        for (n, key) in (0_u8..).zip(keys) {
            assert_eq!(key.serial, Some(format!("SN0000{n}")));
            let bytes: Vec<u8> = (n..n + 20).collect();
            let seed = OtpSeed::from_bytes(&bytes).unwrap();
            let code = if n == 1 {
                let minute = NonZeroU32::new(60).unwrap();
                Totp::new(&seed, Algorithm::Sha256, Digits::EIGHT, minute).generate(START.unix())
            } else {
                // Its counter is its own.
                Hotp::new(&seed, Algorithm::Sha1, Digits::SIX).generate(u64::from(n) * 7)
            };
            assert!(takes(key, &code).await, "{name}, {n}");
        }
    }
}

#[test]
fn attack_a_container_that_was_changed_gives_no_key() {
    let read = |xml: &str| PskcReader::new().pre_shared_key(&KEY_6).read(xml);
    let why = |xml: &str| only(read(xml).unwrap()).fob.unwrap_err();
    // One bit of the seed, of its vector, of the MAC.
    for (from, to) in [
        ("AAECAwQFBgcICQoLDA0OD+cIHItl", "AAECAwQFBgcICQoLDA0OD+cIHItk"),
        ("AAECAwQF", "AAECAwQE"),
        ("Su+NvtQf", "Su+NvtQe"),
    ] {
        assert!(FIGURE_6.contains(from));
        assert_eq!(why(&FIGURE_6.replace(from, to)), UnusableKey::Mac, "{from}");
    }
    // A MAC that is missing is no MAC that fits.
    let begin = FIGURE_6.find("<ValueMAC>").unwrap();
    let end = FIGURE_6.find("</ValueMAC>").unwrap() + "</ValueMAC>".len();
    assert_eq!(why(&[&FIGURE_6[..begin], &FIGURE_6[end..]].concat()), UnusableKey::Mac);
    let begin = FIGURE_6.find("<MACMethod").unwrap();
    let end = FIGURE_6.find("</MACMethod>").unwrap() + "</MACMethod>".len();
    let without = read(&[&FIGURE_6[..begin], &FIGURE_6[end..]].concat());
    assert_eq!(without.unwrap_err(), PskcError::Encryption);
    // Another key: its MAC key does not open, or opens to nonsense.
    for byte in 0..=255 {
        match PskcReader::new().pre_shared_key(&[byte; 16]).read(FIGURE_6) {
            Err(error) => assert_eq!(error, PskcError::WrongKey),
            Ok(keys) => assert_eq!(only(keys).fob.unwrap_err(), UnusableKey::Mac),
        }
    }
    match PskcReader::new().password("qwertz").read(FIGURE_7) {
        Err(error) => assert_eq!(error, PskcError::WrongKey),
        Ok(keys) => assert_eq!(only(keys).fob.unwrap_err(), UnusableKey::Mac),
    }
}

/// Whoever can write the file, and knows no key, puts a seed of their own in.
#[test]
fn attack_a_plain_secret_is_none_where_a_key_was_given() {
    let read = |xml: &str| PskcReader::new().pre_shared_key(&KEY_6).read(xml);
    let why = |xml: &str| only(read(xml).unwrap()).fob.unwrap_err();
    let plain = "<PlainValue>QUFBQUFBQUFBQUFBQUFBQUFBQUE=</PlainValue>";
    let begin = FIGURE_6.find("<Secret>").unwrap() + "<Secret>".len();
    let end = FIGURE_6.find("</Secret>").unwrap();
    let instead = [&FIGURE_6[..begin], plain, &FIGURE_6[end..]].concat();
    assert_eq!(why(&instead), UnusableKey::NotEncrypted);
    // Beside it, once or twice: which of them is meant?
    for beside in [plain.to_owned(), plain.repeat(2)] {
        let both = [&FIGURE_6[..begin], &beside, &FIGURE_6[begin..]].concat();
        assert_eq!(why(&both), UnusableKey::Malformed);
    }
    let encrypted = &FIGURE_6[begin..end];
    let counter = "<PlainValue>0</PlainValue>";
    for counter_in_both in [[counter, encrypted].concat(), counter.repeat(2), String::new()] {
        let both = FIGURE_6.replace(counter, &counter_in_both);
        assert_eq!(why(&both), UnusableKey::Malformed, "{counter_in_both}");
    }
    // The whole container is plain, or says so.
    for xml in [WRITTEN[0].1, &container(&format!("hotp\"><Data>{SECRET}</Data>"))] {
        let by_password = PskcReader::new().password("qwerty").read(xml);
        assert_eq!(by_password.unwrap_err(), PskcError::NotEncrypted);
        assert_eq!(read(xml).unwrap_err(), PskcError::NotEncrypted);
        assert!(PskcReader::new().read(xml).is_ok());
    }
    // A MAC method says that there are MACs.
    let key = "<EncryptionKey>\n    <ds:KeyName>Pre-shared-key</ds:KeyName>\n  </EncryptionKey>";
    assert!(instead.contains(key));
    for reader in [PskcReader::new(), PskcReader::new().pre_shared_key(&KEY_6)] {
        let without = reader.read(&instead.replace(key, ""));
        assert_eq!(without.unwrap_err(), PskcError::Encryption);
    }
}

/// What has a default when it is left out.
#[test]
fn attack_what_stands_twice_does_not_count_as_left_out() {
    let parameters = |inside: &str| {
        format!("hotp\"><AlgorithmParameters>{inside}</AlgorithmParameters><Data>{SECRET}</Data>")
    };
    let format = "<ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/>";
    let suite = "<Suite>HMAC-SHA256</Suite>";
    let time = "<Time><PlainValue>1</PlainValue></Time>";
    for (key, good) in [
        (parameters(&[format, suite].concat()), true),
        (parameters(&format.repeat(2)), false),
        (parameters(&suite.repeat(2)), false),
        // Neither empty nor in parts.
        (parameters("<Suite/>"), false),
        (parameters("<Suite>HMAC-<!-- -->SHA256</Suite>"), false),
        (format!("hotp\">{}<Data>{SECRET}</Data>", "<AlgorithmParameters/>".repeat(2)), false),
        (format!("totp\"><Data>{SECRET}{}</Data>", time.repeat(2)), false),
    ] {
        let fob = only(PskcReader::new().read(&container(&key)).unwrap()).fob;
        assert_eq!(fob.err(), (!good).then_some(UnusableKey::Malformed), "{key}");
    }
    let twice = |of: &str, xml: &str| {
        assert!(xml.contains(of));
        xml.replacen(of, &of.repeat(2), 1)
    };
    let read = PskcReader::new().password("qwerty").read(&twice("<PRF/>", FIGURE_7));
    assert_eq!(read.unwrap_err(), PskcError::Encryption);
    let begin = FIGURE_6.find("<MACKey>").unwrap();
    let end = FIGURE_6.find("</MACKey>").unwrap() + "</MACKey>".len();
    let two_keys = twice(&FIGURE_6[begin..end], FIGURE_6);
    let read = PskcReader::new().pre_shared_key(&KEY_6).read(&two_keys);
    assert_eq!(read.unwrap_err(), PskcError::Encryption);
    let derived = "<DerivedKey/><DerivedKey/></EncryptionKey>";
    let two_keys = FIGURE_6.replace("</EncryptionKey>", derived);
    let read = PskcReader::new().pre_shared_key(&KEY_6).read(&two_keys);
    assert_eq!(read.unwrap_err(), PskcError::Encryption);
}

/// The parser compares each attribute with every other, and each namespace: thousands would take it minutes.
#[test]
fn attack_a_small_file_with_thousands_of_attributes_is_refused_before_it_is_parsed() {
    let read = |attributes: &str, inside: &str| {
        let xml = container(&format!("hotp\"><Data>{SECRET}</Data>"));
        let xml = xml.replacen(" Version=", &format!(" {attributes} Version="), 1);
        let xml = xml.replace("<KeyPackage>", &format!("{inside}<KeyPackage>"));
        PskcReader::new().read(&xml).map(|keys| keys.len())
    };
    let attributes = |count: usize| (0..count).map(|n| format!("a{n}='>\"' ")).collect::<String>();
    let spaces =
        |count: usize| (0..count).map(|n| format!("xmlns:a{n}=\"u\" ")).collect::<String>();
    let elements = |count: usize, of: &str| {
        (0..count).map(|n| format!("<b {of}{n}=\"u{n}\"/>")).collect::<String>()
    };
    // The container has two of its own, of which one is a namespace.
    assert_eq!(read(&attributes(62), ""), Ok(1));
    assert_eq!(read(&attributes(63), ""), Err(PskcError::Xml));
    assert_eq!(read("", &format!("<b {}/>", attributes(64))), Ok(1));
    assert_eq!(read("", &format!("<b {}/>", attributes(65))), Err(PskcError::Xml));
    assert_eq!(read(&spaces(15), ""), Ok(1));
    assert_eq!(read(&spaces(16), ""), Err(PskcError::Xml));
    assert_eq!(read("", &elements(15, "xmlns:a")), Ok(1));
    assert_eq!(read("", &elements(16, "xmlns:a")), Err(PskcError::Xml));
    // One element's are not another's, and the same namespace may stand at every key.
    assert_eq!(read("", &elements(1000, "a")), Ok(1));
    assert_eq!(read("", &"<b xmlns:c=\"u\"/>".repeat(1000)), Ok(1));
    // What looks like a tag and is none neither counts nor hides one.
    let many = format!("<b {}/>", attributes(65));
    for (begin, end) in [("<!--", "-->"), ("<c><![CDATA[", "]]></c>"), ("<?d ", "?>")] {
        assert_eq!(read("", &[begin, &many, "'", end].concat()), Ok(1), "{begin}");
        assert_eq!(read("", &[begin, "'", end, &many].concat()), Err(PskcError::Xml), "{begin}");
    }
    assert_eq!(read("", &["<b c=\"<!--\"/>", &many].concat()), Err(PskcError::Xml));
    let hidden = format!("<?xml version=\"1.0\" encoding=\"?><!--\"?>{many}");
    assert_eq!(PskcReader::new().read(&hidden).unwrap_err(), PskcError::Xml);
}

#[test]
fn what_a_container_needs_is_said() {
    let plain = PskcReader::new();
    assert_eq!(plain.read(FIGURE_6).unwrap_err(), PskcError::KeyNeeded);
    assert_eq!(plain.password("x").read(FIGURE_6).unwrap_err(), PskcError::KeyNeeded);
    assert_eq!(plain.pre_shared_key(&KEY_6).read(FIGURE_7).unwrap_err(), PskcError::KeyNeeded);
    assert_eq!(plain.pre_shared_key(&[1; 24]).read(FIGURE_6).unwrap_err(), PskcError::WrongKey);
    for (xml, error) in [
        ("", PskcError::Xml),
        ("<a", PskcError::Xml),
        ("<a/>", PskcError::NotPskc),
        ("<KeyContainer Version=\"1.0\"/>", PskcError::NotPskc),
        (
            "<KeyContainer Version=\"2.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>",
            PskcError::NotPskc,
        ),
        // No entity is made or fetched.
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", PskcError::Xml),
    ] {
        assert_eq!(plain.read(xml).unwrap_err(), error, "{xml}");
    }
    for (from, to) in [
        ("pkcs-5v2-0#pbkdf2", "pkcs-5v2-0#pbkdf1"),
        (">1000<", ">0<"),
        (">1000<", ">10000001<"),
        (">1000<", ">18446744073709551617<"),
        (">16<", ">17<"),
        ("<PRF/>", "<PRF Algorithm=\"hmac-md5\"/>"),
        ("xmldsig#hmac-sha1", "xmldsig#hmac-md5"),
    ] {
        assert!(FIGURE_7.contains(from));
        let changed = FIGURE_7.replacen(from, to, 1);
        let read = plain.password("qwerty").read(&changed);
        assert_eq!(read.unwrap_err(), PskcError::Encryption, "{to}");
    }
}

fn container(key: &str) -> String {
    format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><KeyPackage>\
         <Key Id=\"1\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{key}</Key>\
         </KeyPackage></KeyContainer>"
    )
}

const SECRET: &str = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";

#[test]
fn a_key_that_cannot_be_used_says_why_and_the_others_are_there() {
    let format = |format: &str| {
        format!(
            "hotp\"><AlgorithmParameters><ResponseFormat {format}/></AlgorithmParameters>\
             <Data>{SECRET}</Data>"
        )
    };
    let policy = |policy: &str| format!("hotp\"><Data>{SECRET}</Data><Policy>{policy}</Policy>");
    let suite = |suite: &str| {
        format!(
            "ocra\"><AlgorithmParameters><Suite>{suite}</Suite></AlgorithmParameters>\
             <Data>{SECRET}</Data>"
        )
    };
    let short = "<Secret><PlainValue>SGVsbG8h3q2+7w==</PlainValue></Secret>";
    let cases = [
        (format!("hotp\"><Data>{SECRET}</Data>"), None),
        (format!("totp\"><Data>{SECRET}</Data>"), None),
        (format!("pin\"><Data>{SECRET}</Data>"), Some(UnusableKey::Algorithm)),
        ("hotp\">".to_owned(), Some(UnusableKey::Malformed)),
        ("hotp\"><Data/>".to_owned(), Some(UnusableKey::Malformed)),
        (format!("hotp\"><Data>{SECRET}{SECRET}</Data>"), Some(UnusableKey::Malformed)),
        (
            "hotp\"><Data><Secret><PlainValue>MTIz*</PlainValue></Secret></Data>".to_owned(),
            Some(UnusableKey::Malformed),
        ),
        (
            "hotp\"><Data><Secret><EncryptedValue/></Secret></Data>".to_owned(),
            Some(UnusableKey::Encryption),
        ),
        (format!("hotp\"><Data>{short}</Data>"), Some(UnusableKey::Seed(SeedError::TooShort))),
        (
            format!("hotp\"><Data>{SECRET}<Counter><PlainValue>-1</PlainValue></Counter></Data>"),
            Some(UnusableKey::Malformed),
        ),
        (
            format!(
                "hotp\"><Data>{SECRET}<Counter><PlainValue>18446744073709551615</PlainValue>\
                 </Counter></Data>"
            ),
            Some(UnusableKey::Movement),
        ),
        (
            format!(
                "totp\"><Data>{SECRET}<TimeInterval><PlainValue>121</PlainValue></TimeInterval>\
                 </Data>"
            ),
            Some(UnusableKey::Movement),
        ),
        (format("Length=\"8\" Encoding=\"DECIMAL\""), None),
        (format("Length=\"5\" Encoding=\"DECIMAL\""), Some(UnusableKey::Format)),
        (format("Length=\"8\" Encoding=\"HEXADECIMAL\""), Some(UnusableKey::Format)),
        (
            format("Length=\"8\" Encoding=\"DECIMAL\" CheckDigits=\"true\""),
            Some(UnusableKey::Format),
        ),
        (suite("OCRA-1:HOTP-SHA256-8:QN08"), None),
        (suite("OCRA-1:HOTP-SHA256-8:QN04"), Some(UnusableKey::Suite(UNSUITABLE))),
        (suite("OCRA-2"), Some(UnusableKey::Malformed)),
        (policy("<KeyUsage>OTP</KeyUsage><KeyUsage>Integrity</KeyUsage>"), None),
        (policy("<KeyUsage>Integrity</KeyUsage>"), Some(UnusableKey::Policy)),
        (policy("<PINPolicy PINUsageMode=\"Local\"/>"), None),
        (policy("<PINPolicy PINUsageMode=\"Prepend\"/>"), Some(UnusableKey::Policy)),
        (policy("<NumberOfTransactions>4</NumberOfTransactions>"), Some(UnusableKey::Policy)),
        (policy("<Moon>full</Moon>"), Some(UnusableKey::Policy)),
        (policy("<ExpiryDate>tomorrow</ExpiryDate>"), Some(UnusableKey::Policy)),
        (policy("<ExpiryDate>2037-12-31T00:00:00Z</ExpiryDate>"), None),
    ];
    for (key, why) in &cases {
        let read = only(PskcReader::new().read(&container(key)).unwrap());
        assert_eq!(read.fob.as_ref().err(), why.as_ref(), "{key}");
    }
    // All in one container.
    let all: Vec<_> = cases.iter().map(|(key, _)| container(key)).collect();
    let all = all.concat().replace(
        "</KeyContainer><KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">",
        "",
    );
    let read = PskcReader::new().read(&all).unwrap();
    let usable = |fobs: Vec<bool>| fobs.into_iter().filter(|usable| *usable).count();
    assert_eq!(read.len(), cases.len());
    let there = usable(read.iter().map(|key| key.fob.is_ok()).collect());
    assert_eq!(there, usable(cases.iter().map(|(_, why)| why.is_none()).collect()));
    // Nothing that is said repeats a secret.
    let said = format!("{read:?}");
    assert!(!said.contains("1234567890") && !said.contains("MTIz"), "{said}");
}

const UNSUITABLE: countersign::credential::UnsuitableFob =
    countersign::credential::UnsuitableFob::Question;

#[tokio::test]
async fn a_weak_seed_is_taken_if_that_is_asked_for() {
    let short = "hotp\"><Data><Secret><PlainValue>SGVsbG8h3q2+7w==</PlainValue></Secret></Data>";
    let key = only(PskcReader::new().taking_weak_seeds().read(&container(short)).unwrap());
    let seed = OtpSeed::weak_from_base32("JBSWY3DPEHPK3PXP").unwrap();
    assert!(takes(key, &Hotp::new(&seed, Algorithm::Sha1, Digits::SIX).generate(0)).await);
}

/// The container says how many steps had passed when it was written.
#[tokio::test]
async fn attack_7_a_code_from_before_the_container_is_used_up() {
    let steps = START.unix() / 30;
    let seed = OtpSeed::from_bytes(b"12345678901234567890").unwrap();
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    for (time, good) in [(steps - 1, true), (steps, false)] {
        let xml = container(&format!(
            "totp\"><Data>{SECRET}<Time><PlainValue>{time}</PlainValue></Time></Data>"
        ));
        let key = only(PskcReader::new().read(&xml).unwrap());
        assert_eq!(takes(key, &totp.generate(START.unix())).await, good);
    }
    let far = container(&format!(
        "totp\"><Data>{SECRET}<Time><PlainValue>{}</PlainValue></Time></Data>",
        u64::MAX
    ));
    let key = only(PskcReader::new().read(&far).unwrap());
    assert_eq!(key.fob.unwrap_err(), UnusableKey::Movement);
}
