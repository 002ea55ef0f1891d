//! What holds for the whole house: its layout, its grammar against its types, its documents against its code.

mod documents;
mod examples;
mod golden;
mod grammar;
mod laws;
#[path = "../loopback/ports.rs"]
mod ports;
mod requirements;
mod tidy;
mod tour;
