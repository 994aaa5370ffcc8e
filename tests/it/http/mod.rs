//! What holds for every request, whatever the operation.

mod answers;
mod bodies;
mod connections;
mod drain;
