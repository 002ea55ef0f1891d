//! What holds for the whole house: its layout, its grammar against its types, its documents against its code.

mod documents;
mod examples;
mod golden;
mod grammar;
mod laws;
mod tidy;
mod tour;
