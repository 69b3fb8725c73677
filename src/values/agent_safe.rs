//! What an agent's desktop may be sent: a sealed marker, and a way to put marked values together.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

pub(crate) mod sealed {
    /// Only this crate decides what an agent may see.
    pub trait Sealed {}
}

/// Marks the crate's own types that an agent may see.
///
/// It is sealed. A host's one function that sends to the desktop asks for it, and then no secret,
/// card number, code or seed can be passed by mistake:
///
/// ```
/// use countersign::AgentSafe;
/// use countersign::callback::Readback;
///
/// fn send_to_desktop<T: AgentSafe + serde::Serialize>(value: &T) { /* … */ }
///
/// fn desktop(readback: &Readback) {
///     send_to_desktop(readback);
/// }
/// ```
///
/// ```compile_fail,E0277
/// use countersign::AgentSafe;
/// use countersign::callback::CallbackSecret;
///
/// fn send_to_desktop<T: AgentSafe>(value: &T) { /* … */ }
///
/// fn desktop(secret: &CallbackSecret) {
///     send_to_desktop(secret);
/// }
/// ```
pub trait AgentSafe: sealed::Sealed {}

macro_rules! agent_safe {
    ($($name:ty),* $(,)?) => {
        $(
            impl $crate::values::agent_safe::sealed::Sealed for $name {}
            impl $crate::values::agent_safe::AgentSafe for $name {}
        )*
    };
}
pub(crate) use agent_safe;

impl<T: AgentSafe> sealed::Sealed for Option<T> {}
impl<T: AgentSafe> AgentSafe for Option<T> {}
impl<T: AgentSafe> sealed::Sealed for Vec<T> {}
impl<T: AgentSafe> AgentSafe for Vec<T> {}
impl<T: AgentSafe> sealed::Sealed for &T {}
impl<T: AgentSafe> AgentSafe for &T {}

/// How many of something, for an agent to see: at most 255, so that no code or PIN fits in. Plain numbers are not
/// agent-safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Count(u8);

impl Count {
    /// So many.
    #[must_use]
    pub const fn of(count: u8) -> Self {
        Self(count)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

agent_safe!(Count);

/// Several agent-safe values under names, serialised as one map.
///
/// ```
/// use countersign::CallbackId;
/// use countersign::agent_safe::ForDesktop;
///
/// # fn example(id: CallbackId, other: CallbackId) -> String {
/// let screen = ForDesktop::new().with("current", id).with("next", other);
/// serde_json::to_string(&screen).unwrap_or_default() // {"current":"…","next":"…"}
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForDesktop<T = ()>(T);

/// One named value and those before it; part of [`ForDesktop`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<Before, T> {
    before: Before,
    name: &'static str,
    value: T,
}

impl ForDesktop {
    /// No values yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl Default for ForDesktop {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> ForDesktop<T> {
    /// Adds `value` as `name`.
    #[must_use]
    pub fn with<V: AgentSafe + Serialize>(
        self,
        name: &'static str,
        value: V,
    ) -> ForDesktop<Named<T, V>> {
        ForDesktop(Named { before: self.0, name, value })
    }
}

/// The values of a [`ForDesktop`]; implemented for what `with` builds and nothing else.
pub trait Entries: sealed::Sealed {
    #[doc(hidden)]
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl sealed::Sealed for () {}
impl Entries for () {
    fn entries<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<B: Entries, T: AgentSafe + Serialize> sealed::Sealed for Named<B, T> {}
impl<B: Entries, T: AgentSafe + Serialize> Entries for Named<B, T> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.before.entries(map)?;
        map.serialize_entry(self.name, &self.value)
    }
}

impl<T: Entries> sealed::Sealed for ForDesktop<T> {}
impl<T: Entries> AgentSafe for ForDesktop<T> {}

impl<T: Entries> Serialize for ForDesktop<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.entries(&mut map)?;
        map.end()
    }
}
