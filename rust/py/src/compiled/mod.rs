//! Strategies compiled to machine code, called by the core's loop without Python.

mod calls;
mod counter;
mod handlers;
mod link;
mod many;
mod notes;
mod run;
mod view;
mod watch;

pub use link::register;
pub use run::{Hooks, run};
