//! The audit trail: a line of the log for every write and every refused access.

use std::net::IpAddr;

use poem::{
    Response,
    http::{Method, StatusCode, header},
};

use crate::{openapi::Routes, settings::Audit, telemetry::request_holder};

/// The operations whose every request adds records, of which there can be thousands a second.
const RECORDS: [&str; 6] = [
    "create_log",
    "create_log_batch",
    "create_metric",
    "create_metric_batch",
    "create_tool_usage",
    "create_tool_usage_batch",
];

/// A request that was answered.
pub struct Answered<'a> {
    /// The operation that answered it.
    pub operation: &'a str,
    /// Its method.
    pub method: &'a Method,
    /// Its path. Not its query, which can hold what does not belong in a log.
    pub path: &'a str,
    /// Where it came from.
    pub from: Option<IpAddr>,
    /// The answer.
    pub response: &'a Response,
}

/// Leaves the line of a request, if it is one that must have it: who (client, subject, tenant) did what
/// (operation, path, what was made), and what came of it.
pub fn note(audit: Audit, routes: &Routes, answered: &Answered<'_>) {
    let Answered {
        operation,
        method,
        path,
        from,
        response,
    } = *answered;
    let status = response.status();
    if !is_audited(audit, routes, operation, method, status) {
        return;
    }
    let holder = request_holder();
    let holder = holder.as_deref();
    // The client and the request's id are in every line of the log.
    tracing::info!(
        target: "agentdata::audit",
        operation,
        %method,
        path,
        created = response.header(header::LOCATION),
        outcome = status.as_u16(),
        subject = holder.map(|holder| &holder.subject),
        tenant = holder.map(|holder| &holder.tenant),
        issuer = holder.map(|holder| &holder.issuer),
        from = from.map(tracing::field::display),
        "audit"
    );
}

fn is_audited(
    audit: Audit,
    routes: &Routes,
    operation: &str,
    method: &Method,
    status: StatusCode,
) -> bool {
    if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) {
        return true;
    }
    let writes = !method.is_safe() && routes.writes(operation);
    match audit {
        Audit::Refusals => false,
        Audit::Changes => writes && !RECORDS.contains(&operation),
        Audit::Writes => writes,
    }
}
