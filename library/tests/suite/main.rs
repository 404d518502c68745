//! The library from outside: what a program that embeds it relies on.

mod build;
mod dependencies;
mod process;
mod words;
