//! The names of an enum's variants, asked of its `Deserialize`: what a grammar must have a command for.
//!
//! Nothing is deserialized here.

use serde::de::{self, DeserializeOwned, Visitor};

use super::fields::CaptureError;

/// The names of an enum's variants, as its `Deserialize` tells them; none when `T` is no enum.
pub fn variants_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut found: &'static [&'static str] = &[];
    // It always answers an error: only the names on the way there are of interest.
    drop(T::deserialize(Asking(&mut found)));
    found
}

struct Asking<'f>(&'f mut &'static [&'static str]);

impl<'de> de::Deserializer<'de> for Asking<'_> {
    type Error = CaptureError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, CaptureError> {
        Err(de::Error::custom("no enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, CaptureError> {
        *self.0 = names;
        Err(de::Error::custom("asked for the names only"))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, CaptureError> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct option identifier ignored_any
    }
}
