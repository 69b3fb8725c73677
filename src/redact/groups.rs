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
    /// All as long as the first, but for the last.
    even: bool,
    /// All of three or more, but for the last.
    threes: bool,
}

impl Groups {
    pub(super) const fn new() -> Self {
        Self {
            lengths: [0; 8],
            count: 1,
            single: true,
            fours: true,
            coarse: true,
            even: true,
            threes: true,
        }
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
        self.threes &= self.last() >= Some(&mut 3);
        let first = self.lengths.first().copied();
        self.even &= self.last().copied() == first;
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

    /// No more than `most` groups, of one length but for the last, or of three digits or more.
    pub(super) fn are_sensible(&mut self, most: usize) -> bool {
        let first = self.lengths.first().copied().unwrap_or(0);
        let last = self.last().copied().unwrap_or(0);
        let even = self.even && last <= first && first > 1;
        self.count <= most && (even || self.threes && last >= 3)
    }

    /// Each digit by itself.
    pub(super) const fn is_single(&self) -> bool {
        self.single && self.count > 1
    }

    pub(super) const fn is_two(&self) -> bool {
        self.count == 2
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
