//! The serde Deserializer over the captures of a line.
//!
//! An argument binds its name, a keyword that is a whole arm binds itself as `true`, everything else is flat unless it
//! has a label. The shapes come from the grammar, never from what happened to be typed. What a captured text becomes is in
//! `texts`.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, VariantAccess, Visitor,
};

use super::capture::Note;
use super::graph::{Capture, Graph, Scope};
use super::texts::Texts;

/// Why captures did not become a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureError {
    /// The byte offset of the argument that was refused.
    pub column: usize,
    pub message: String,
    is_placed: bool,
}

impl CaptureError {
    pub(super) fn placed(mut self, column: usize) -> Self {
        if !self.is_placed {
            self.column = column;
            self.is_placed = true;
        }
        self
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CaptureError {}

impl de::Error for CaptureError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            column: 0,
            message: message.to_string(),
            is_placed: false,
        }
    }
}

/// The captures of one scope, in the order they were typed.
#[derive(Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) graph: &'a Graph,
    pub(super) line: &'a str,
    pub(super) scope: u32,
    pub(super) notes: &'a [Note],
    /// Where the scope begins in the line.
    pub(super) column: usize,
}

impl Level<'_> {
    fn shape(&self) -> Option<&Scope> {
        self.graph.scopes.get(self.scope as usize)
    }

    fn can_capture(&self) -> bool {
        self.shape().is_some_and(|scope| scope.can_capture)
    }

    fn wrong(&self, message: impl fmt::Display) -> CaptureError {
        <CaptureError as de::Error>::custom(message).placed(self.column)
    }
}

/// An enum's variant with the captures of its scope; the command itself, or an arm under a label.
pub(super) struct Variant<'a> {
    pub(super) level: Level<'a>,
    pub(super) name: &'a str,
}

impl<'de> de::Deserializer<'de> for Variant<'_> {
    type Error = CaptureError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        let column = self.level.column;
        visitor
            .visit_enum(self)
            .map_err(|error| error.placed(column))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        visitor.visit_some(self)
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
        tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = CaptureError;
    type Variant = Level<'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Level<'a>), CaptureError> {
        let name: StrDeserializer<'_, CaptureError> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.level))
    }
}

impl<'de> VariantAccess<'de> for Level<'_> {
    type Error = CaptureError;

    fn unit_variant(self) -> Result<(), CaptureError> {
        if self.can_capture() {
            Err(self.wrong("this variant has fields in the grammar and none in its type"))
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, CaptureError> {
        if !self.can_capture() {
            return Err(
                self.wrong("this variant has no fields in the grammar and some in its type")
            );
        }
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, CaptureError> {
        Err(self.wrong("captures have names: a variant cannot be a tuple"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CaptureError> {
        if !self.can_capture() {
            return Err(
                self.wrong("this variant has no fields in the grammar and some in its type")
            );
        }
        de::Deserializer::deserialize_map(self, visitor)
    }
}

impl<'de> de::Deserializer<'de> for Level<'_> {
    type Error = CaptureError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        let column = self.column;
        visitor
            .visit_map(Fields {
                level: self,
                rest: self.notes,
                value: None,
            })
            .map_err(|error| error.placed(column))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CaptureError> {
        visitor.visit_some(self)
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
        tuple_struct map struct enum identifier ignored_any
    }
}

impl fmt::Display for Level<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.can_capture() {
            return Ok(());
        }
        f.write_str(" {")?;
        let mut fields = Fields {
            level: *self,
            rest: self.notes,
            value: None,
        };
        while let Some((name, value)) = fields.field() {
            match value {
                Value::Flag => write!(f, " {name}")?,
                Value::Texts(texts) => {
                    for note in texts.notes {
                        write!(
                            f,
                            " {name}: {:?}",
                            Texts {
                                notes: std::slice::from_ref(note),
                                ..texts
                            }
                            .text()
                        )?;
                    }
                }
                Value::Inner(level) => {
                    write!(f, " {name}:")?;
                    if let Some(arm) = level.shape().and_then(|scope| scope.arm) {
                        write!(f, " {arm}")?;
                    }
                    write!(f, "{level}")?;
                }
            }
        }
        f.write_str(" }")
    }
}

/// The fields of a scope, one after the other.
struct Fields<'a> {
    level: Level<'a>,
    rest: &'a [Note],
    value: Option<Value<'a>>,
}

enum Value<'a> {
    Flag,
    /// Captures of one name that stand side by side; more than one only when the argument repeats.
    Texts(Texts<'a>),
    Inner(Level<'a>),
}

impl<'a> Fields<'a> {
    /// The next field, and what it holds.
    fn field(&mut self) -> Option<(&'a str, Value<'a>)> {
        let Level {
            graph,
            line,
            scope: current,
            ..
        } = self.level;
        let (note, mut behind) = self.rest.split_first()?;
        let capture = graph.capture(note.capture)?;
        let found = match capture {
            Capture::Flag { name, .. } => (name, Value::Flag),
            Capture::Value { name, .. } => {
                let same = |other: &&Note| matches!(graph.capture(other.capture), Some(Capture::Value { name: other, scope, .. }) if other == name && scope == current);
                let more = behind.iter().take_while(same).count();
                let (notes, others) = self.rest.split_at(1 + more);
                behind = others;
                (name, Value::Texts(Texts { graph, line, notes }))
            }
            Capture::Open { scope } => {
                let shape = graph.scopes.get(scope as usize)?;
                let belongs = |note: &&Note| {
                    graph.capture(note.capture).is_some_and(|inner| {
                        inner.scope() > scope && inner.scope() <= shape.last
                            || inner.scope() == scope && !matches!(inner, Capture::Open { .. })
                    })
                };
                let count = behind.iter().take_while(belongs).count();
                let (notes, others) = behind.split_at(count);
                behind = others;
                (
                    shape.label,
                    Value::Inner(Level {
                        graph,
                        line,
                        scope,
                        notes,
                        column: note.start as usize,
                    }),
                )
            }
        };
        self.rest = behind;
        Some(found)
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = CaptureError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, CaptureError> {
        let Some((name, value)) = self.field() else {
            return Ok(None);
        };
        self.value = Some(value);
        let name: StrDeserializer<'_, CaptureError> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, CaptureError> {
        match self.value.take() {
            Some(Value::Flag) => seed.deserialize(true.into_deserializer()),
            Some(Value::Texts(texts)) => {
                let column = texts.column();
                seed.deserialize(texts)
                    .map_err(|error| error.placed(column))
            }
            Some(Value::Inner(level)) => {
                let column = level.column;
                let inner = match level.shape().and_then(|scope| scope.arm) {
                    Some(name) => seed.deserialize(Variant { level, name }),
                    None => seed.deserialize(level),
                };
                inner.map_err(|error| error.placed(column))
            }
            None => Err(self.level.wrong("a value was asked for before its name")),
        }
    }
}
