//! The serde Deserializer over a captured text: a number, a word, a keyword as the name of a variant, or a list of them.
//!
//! Which field a text belongs to is in `fields`.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};

use super::capture::Note;
use super::fields::CaptureError;
use super::graph::{Capture, Graph};
use super::words::Word;

/// One captured text, or several of the same name.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) graph: &'a Graph,
    pub(super) line: &'a str,
    pub(super) notes: &'a [Note],
}

impl<'a> Texts<'a> {
    pub(super) fn column(&self) -> usize {
        self.notes.first().map_or(0, |note| note.start as usize)
    }

    /// The text of the last one: the keyword in full, or what was typed, the quotes of a string stripped.
    pub(super) fn text(&self) -> &'a str {
        let Some(note) = self.notes.last() else {
            return "";
        };
        if note.keyword != u16::MAX {
            return self.graph.keyword(u32::from(note.keyword));
        }
        let typed = self
            .line
            .get(note.start as usize..note.end as usize)
            .unwrap_or_default();
        match self.graph.capture(note.capture) {
            Some(Capture::Value { text: true, .. }) => {
                Word {
                    text: typed,
                    start: 0,
                }
                .unquoted()
                .text
            }
            _ => typed,
        }
    }

    fn parsed<T: std::str::FromStr<Err: fmt::Display>>(&self) -> Result<T, CaptureError> {
        self.text().parse().map_err(|error| {
            <CaptureError as de::Error>::custom(format_args!("{error}")).placed(self.column())
        })
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
            visitor.$visit(self.parsed()?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Texts<'_> {
    type Error = CaptureError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        visitor.visit_str(self.text())
    }

    numbers! {
        deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32 deserialize_i64 visit_i64
        deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32 deserialize_u64 visit_u64
        deserialize_f32 visit_f32 deserialize_f64 visit_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, CaptureError> {
        let column = self.column();
        visitor
            .visit_newtype_struct(self)
            .map_err(|error: CaptureError| error.placed(column))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        visitor.visit_seq(Elements(self))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CaptureError> {
        let variant: StrDeserializer<'_, CaptureError> = self.text().into_deserializer();
        visitor.visit_enum(variant)
    }

    serde::forward_to_deserialize_any! {
        bool i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

struct Elements<'a>(Texts<'a>);

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = CaptureError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, CaptureError> {
        let Some((first, rest)) = self.0.notes.split_first() else {
            return Ok(None);
        };
        let one = Texts {
            notes: std::slice::from_ref(first),
            ..self.0
        };
        self.0.notes = rest;
        let column = one.column();
        seed.deserialize(one)
            .map(Some)
            .map_err(|error| error.placed(column))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.notes.len())
    }
}
