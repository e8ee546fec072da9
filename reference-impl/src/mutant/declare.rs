//! How the table of mutants reads, and what is made of it.

/// Declares every mutant: its variant, its name, the rule that it breaks or the bug that it imitates, what it does, and
/// what kills it.
macro_rules! mutants {
    ($($variant:ident = $name:literal, $stands_for:literal, $description:literal
        $(, $scenario:ident $check:ident $because:literal [$($also:ident),*])+;)+) => {
        /// A deliberate defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Mutant {
            $(#[doc = $description] $variant,)+
        }

        /// Every mutant.
        pub const ALL: [Mutant; [$($name),+].len()] = [$(Mutant::$variant),+];

        impl Mutant {
            /// The name that selects it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, in a line.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            /// The rule that it breaks or the bug that it imitates.
            #[must_use]
            pub const fn stands_for(self) -> &'static str {
                match self { $(Self::$variant => $stands_for,)+ }
            }

            /// What kills it; there is at least one.
            #[must_use]
            pub const fn deaths(self) -> &'static [Death] {
                match self {
                    $(Self::$variant => &[$(Death {
                        scenario: scenarios::$scenario,
                        check: scenarios::$check,
                        because: $because,
                        also: &[$(scenarios::$also),*],
                    }),+],)+
                }
            }
        }
    };
}

pub(super) use mutants;
