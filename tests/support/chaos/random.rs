//! Random enough, and the same again from the same seed.

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// `COUNTERSIGN_SEED`, or one from the time.
pub fn seed() -> u64 {
    let given = std::env::var("COUNTERSIGN_SEED").ok().map(|text| text.parse().unwrap());
    given.unwrap_or_else(|| {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        Random::of(u64::try_from(since.as_nanos() & u128::from(u64::MAX)).unwrap()).next()
    })
}

impl Random {
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub const fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}
