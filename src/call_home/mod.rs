//! The living room of call-home: it turns events into messages, keeps them until they are delivered, and delivers them. Others see
//! `api`; `engine::start` brings the room to life. What is configured lives in config, sockets and TLS in net and trust.

mod anonymous;
pub mod api;
pub mod document;
pub mod engine;
pub mod letter;
pub mod message;
pub mod schedules;

#[cfg(test)]
mod commands_tests;
mod courier;
mod door;
mod event;
mod lanes;
mod mail_servers;
mod making;
mod outbox;
mod outcome;
mod plan;
mod planned;
mod rate;
mod room;
mod schedule;
mod statistics;
mod text;
mod timetable;
mod xml;
