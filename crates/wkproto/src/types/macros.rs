//! The two tables of the wire, codes and bits: constants, names, conversions and output from one list.

/// An open code of one byte: named values are constants, all others are kept as they are.
macro_rules! wire_code {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$value_meta:meta])* $value:literal $constant:ident = $text:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $name(u8);

        impl $name {
            $( $(#[$value_meta])* pub const $constant: Self = Self($value); )*

            /// The named values, in the order of their numbers.
            pub const NAMED: &'static [Self] = &[$( Self::$constant, )*];

            /// Wraps a value from the wire; values without a name are kept.
            #[must_use]
            pub const fn new(value: u8) -> Self {
                Self(value)
            }

            /// The value on the wire.
            #[must_use]
            pub const fn value(self) -> u8 {
                self.0
            }

            /// The name in the protocol, or nothing for a value that has none.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $value => Some($text), )*
                    _ => None,
                }
            }
        }

        impl From<u8> for $name {
            fn from(value: u8) -> Self {
                Self(value)
            }
        }

        impl From<$name> for u8 {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => write!(f, "{}({})", stringify!($name), self.0),
                }
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{}({} {name})", stringify!($name), self.0),
                    None => write!(f, "{}({})", stringify!($name), self.0),
                }
            }
        }
    };
}

/// An open set of bits of which some have names.
macro_rules! wire_bits {
    (
        $(#[$meta:meta])*
        $name:ident mask $mask:literal {
            $( $(#[$bit_meta:meta])* $bit:literal $constant:ident, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(u8);

        impl $name {
            $( $(#[$bit_meta])* pub const $constant: Self = Self($bit); )*

            /// No bit set.
            pub const EMPTY: Self = Self(0);

            /// Every bit that exists on the wire, named or not.
            pub const ALL: Self = Self($mask);

            /// Takes the bits as they are on the wire. Unnamed bits are kept; bits that do not exist on the
            /// wire are dropped.
            #[must_use]
            pub const fn from_bits(bits: u8) -> Self {
                Self(bits & $mask)
            }

            /// The bits as they are on the wire.
            #[must_use]
            pub const fn bits(self) -> u8 {
                self.0
            }

            /// Whether no bit is set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether all bits of `other` are set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether at least one bit of `other` is set.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// This set and the bits of `other`.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// This set less the bits of `other`.
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            /// The bits that are in both sets.
            #[must_use]
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl From<u8> for $name {
            /// The same as `from_bits`.
            fn from(bits: u8) -> Self {
                Self::from_bits(bits)
            }
        }

        impl From<$name> for u8 {
            fn from(set: $name) -> Self {
                set.0
            }
        }

        #[cfg(feature = "arbitrary")]
        impl<'a> ::arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(source: &mut ::arbitrary::Unstructured<'a>) -> ::arbitrary::Result<Self> {
                source.arbitrary().map(Self::from_bits)
            }
        }

        impl ::core::ops::BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                self.with(other)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut rest = *self;
                let mut separator = "";
                write!(f, "{}(", stringify!($name))?;
                $(
                    if rest.contains(Self::$constant) {
                        write!(f, "{separator}{}", stringify!($constant))?;
                        rest = rest.without(Self::$constant);
                        separator = " | ";
                    }
                )*
                if !rest.is_empty() {
                    write!(f, "{separator}{:#04x}", rest.0)?;
                }
                f.write_str(")")
            }
        }
    };
}
