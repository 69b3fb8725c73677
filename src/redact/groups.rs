//! The groups that digits stand in, by their lengths.

/// The lengths of groups, as far as they are needed.
pub(super) struct Groups {
    lengths: [u8; 8],
    count: usize,
    /// All of one digit.
    single: bool,
    /// All of four, but for the last.
    fours: bool,
    /// All of four or more, but for the last.
    coarse: bool,
}

impl Groups {
    pub(super) const fn new() -> Self {
        Self { lengths: [0; 8], count: 1, single: true, fours: true, coarse: true }
    }

    fn last(&mut self) -> Option<&mut u8> {
        self.lengths.get_mut(self.count.saturating_sub(1).min(7))
    }

    pub(super) fn add(&mut self) {
        if let Some(last) = self.last() {
            *last = last.saturating_add(1);
            self.single &= *last == 1;
        }
    }

    pub(super) fn next(&mut self) {
        self.fours &= self.last() == Some(&mut 4);
        self.coarse &= self.last() >= Some(&mut 4);
        self.count = self.count.saturating_add(1);
        if self.count > 8
            && let Some(last) = self.last()
        {
            *last = 0;
        }
    }

    pub(super) fn as_an_account(&self) -> bool {
        self.count == 4 && self.lengths.starts_with(&[2, 2, 2, 8])
    }

    pub(super) fn as_on_a_card(&self) -> bool {
        let last = self.lengths.get(self.count.saturating_sub(1).min(7)).copied().unwrap_or(0);
        let groups = self.lengths.get(..self.count).unwrap_or_default();
        self.count == 1
            || self.single
            || (self.fours && last <= 4)
            || matches!(groups, [4, 6, 4 | 5] | [4, 5, 6])
    }

    /// Not divided at all.
    pub(super) const fn is_one(&self) -> bool {
        self.count == 1
    }

    /// All of four digits or more.
    pub(super) fn are_coarse(&mut self) -> bool {
        self.coarse && self.last() >= Some(&mut 4)
    }
}
