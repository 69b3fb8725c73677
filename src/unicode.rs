//! What Unicode's categories do not say: which letters and marks nobody sees.

/// Characters that are letters or marks by category and yet show nothing: fillers, joiners and
/// variation selectors (Unicode's *Default_Ignorable_Code_Point*, less what is a format character or
/// unassigned, and the Khitan filler).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0x034F
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFFA0
            | 0x16FE4
            | 0xE0100..=0xE01EF
    )
}
