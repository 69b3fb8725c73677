//! No input verifies that the key did not sign: neither bytes from nowhere nor a genuine token with
//! some bytes changed.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use countersign::challenge::{ChallengeData, Channels};
use countersign::token::v4_public;
use countersign::token::v4_public::Buffer;
use countersign::token::{
    Audience, Claims, Leeway, Purpose, SigningKey, TokenId, TrustedKeys, UntrustedToken,
};
use countersign::{Channel, Issuer, Timestamp};
use libfuzzer_sys::fuzz_target;

struct World {
    keys: TrustedKeys,
    key: SigningKey,
    customer: Audience,
    now: Timestamp,
    token: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    let issuer = Issuer::new("bank.example").unwrap();
    let customer = Audience::new("customer-1").unwrap();
    let now = Timestamp::from_unix(1_769_868_000);
    let channels = Channels::new(&[Channel::Voice]).unwrap();
    let claims = Claims::new(
        issuer.clone(),
        customer.clone(),
        TokenId::from_bytes([3; 16]),
        now,
        Duration::from_secs(300),
        ChallengeData::new("About a card".parse().unwrap(), channels),
    )
    .unwrap();
    let token = key.issue(&claims).unwrap();
    let mut keys = TrustedKeys::new(issuer);
    for purpose in Purpose::ALL {
        keys.trust(*key.public_key(), *purpose).unwrap();
    }
    World { keys, key, customer, now, token }
});

fn refused(token: &str) -> bool {
    let world = &*WORLD;
    let typed = UntrustedToken::parse(token).and_then(|token| {
        token.verify::<ChallengeData>(&world.keys, &world.customer, world.now, Leeway::MAX)
    });
    let mut buffer = Buffer::new();
    let plain = Purpose::ALL.iter().any(|purpose| {
        let implicit = purpose.implicit_assertion().as_bytes();
        v4_public::verify(token, world.key.public_key(), implicit, &mut buffer).is_ok()
    });
    typed.is_err() && !plain
}

fuzz_target!(|data: &[u8]| {
    let genuine = WORLD.token.as_str();
    assert!(!refused(genuine));

    if let Ok(text) = core::str::from_utf8(data) {
        assert!(text == genuine || refused(text));
        let whole = format!("v4.public.{text}");
        assert!(whole == genuine || refused(&whole));
    }

    // Pairs of a place and a byte to put there; then, maybe, a cut.
    let mut bytes = genuine.as_bytes().to_vec();
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
        bytes[at] = change[2];
    }
    if let [cut] = data.chunks_exact(3).remainder() {
        bytes.truncate(bytes.len().saturating_sub(usize::from(*cut)));
    }
    if let Ok(text) = core::str::from_utf8(&bytes) {
        assert!(text == genuine || refused(text));
    }
});
