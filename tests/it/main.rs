//! The integration tests: one binary, a database of its own for every test, every answer checked
//! against the specification.

mod agents;
mod authz;
mod bounds;
mod openapi;
mod support;
mod tenants;
