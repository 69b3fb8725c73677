//! Nothing is kept here, so that no value has a form in records.

#[path = "../../../src/codec/one_form.rs"]
pub mod one_form;

pub mod table {
    //! The same macros, without records.

    macro_rules! kept_as_text {
        ($type:ident) => {};
    }
    pub(crate) use kept_as_text;

    macro_rules! numbered {
        ($(#[$about:meta])* $vis:vis enum $enum:ident {
            $($(#[$doc:meta])* $variant:ident = $number:literal),* $(,)?
        }) => {
            $(#[$about])*
            $vis enum $enum {
                $($(#[$doc])* $variant),*
            }

            impl $enum {
                pub(crate) const fn number(self) -> u8 {
                    match self {
                        $(Self::$variant => $number),*
                    }
                }
            }
        };
    }
    pub(crate) use numbered;
}
