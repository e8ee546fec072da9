//! A table with the keys of several kinds of thing, read flat so that each key keeps its place.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{self, MapAccessDeserializer};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a table as `T`, whose keys keep their places, and makes of it what it stands for; where that cannot be, the
/// complaint is about this table and no larger one.
///
/// # Errors
/// What is wrong with the table.
pub(crate) fn read_table<'de, T, Meaning, D>(deserializer: D) -> Result<Meaning, D::Error>
where
    T: Deserialize<'de>,
    Meaning: TryFrom<T, Error = value::Error>,
    D: Deserializer<'de>,
{
    struct Table<T, Meaning>(PhantomData<(T, Meaning)>);

    impl<'de, T, Meaning> Visitor<'de> for Table<T, Meaning>
    where
        T: Deserialize<'de>,
        Meaning: TryFrom<T, Error = value::Error>,
    {
        type Value = Meaning;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Meaning, A::Error> {
            let table = T::deserialize(MapAccessDeserializer::new(map))?;
            Meaning::try_from(table).map_err(A::Error::custom)
        }
    }

    deserializer.deserialize_map(Table(PhantomData))
}
