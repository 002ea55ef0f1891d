//! The living room of call-home: it turns an operator's `call-home test` and `send` into messages and delivers them. Others see
//! `api`; `engine::start` brings the room to life. What is configured lives in config, sockets and TLS in net and trust.

pub mod api;
pub mod engine;

#[cfg(test)]
mod commands_tests;
mod deliver;
mod message;
mod outcome;
mod plan;
mod xml;
