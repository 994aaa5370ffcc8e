//! The specification as the server itself uses it.

use std::collections::{BTreeMap, BTreeSet};

use poem::http::Method;
use serde_json::Value;

/// The methods of each path and the query parameters of each operation, read from the specification.
pub struct Routes {
    paths: Vec<Route>,
    /// The operations that need a scope to read, and only that.
    reading: BTreeSet<String>,
}

struct Route {
    segments: Vec<String>,
    /// By method the operation's query parameters and whether each may be repeated, unless it ignores unknown ones.
    methods: BTreeMap<String, Option<BTreeMap<String, bool>>>,
    /// The methods whose body comes as a stream of lines.
    uploads: BTreeSet<String>,
}

impl Routes {
    /// The routes of a specification.
    pub fn new(spec: &Value) -> Self {
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let paths = members(&spec["paths"]).into_iter().map(|(path, methods)| {
            let segments = path.split('/').map(str::to_owned).collect();
            let is_upload = |operation: &Value| {
                let content = &operation["requestBody"]["content"];
                content.get("application/x-ndjson").is_some()
            };
            let uploads = members(&methods)
                .into_iter()
                .filter(|(_, operation)| is_upload(operation))
                .map(|(method, _)| method.to_uppercase());
            let uploads = uploads.collect();
            let methods = members(&methods).into_iter().map(|(method, operation)| {
                // Who says no 422 ignores what it does not know, as RFC 6749 §3.2 wants of the
                // token endpoint and probes expect.
                if operation["responses"].get("422").is_none() {
                    return (method.to_uppercase(), None);
                }
                let parameters = operation["parameters"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                let names = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| {
                        let repeats = parameter["schema"]["type"] == "array";
                        Some((parameter["name"].as_str()?.to_owned(), repeats))
                    });
                (method.to_uppercase(), Some(names.collect()))
            });
            Route {
                segments,
                methods: methods.collect(),
                uploads,
            }
        });
        let scope = |operation: &Value| {
            let scope = operation.pointer("/security/0/oauth2/0")?.as_str()?;
            scope
                .ends_with(":read")
                .then(|| operation["operationId"].as_str().map(str::to_owned))?
        };
        let operations = members(&spec["paths"])
            .into_iter()
            .flat_map(|(_, methods)| members(&methods));
        Self {
            reading: operations
                .filter_map(|(_, operation)| scope(&operation))
                .collect(),
            paths: paths.collect(),
        }
    }

    /// Whether an operation may write: it needs more than a scope to read, or none.
    pub fn writes(&self, operation: &str) -> bool {
        !self.reading.contains(operation)
    }

    /// The route that a path takes.
    fn route(&self, path: &str) -> Option<&Route> {
        let wanted: Vec<&str> = path.split('/').collect();
        let matching = self.paths.iter().filter(|route| {
            route.segments.len() == wanted.len()
                && route
                    .segments
                    .iter()
                    .zip(&wanted)
                    .all(|(segment, wanted)| segment == wanted || segment.starts_with('{'))
        });
        // A fixed word wins over a parameter, the first one first, as in poem.
        matching.min_by_key(|route| {
            let segments = route.segments.iter();
            segments
                .map(|part| part.starts_with('{'))
                .collect::<Vec<_>>()
        })
    }

    /// The name of the path's parameter of this number, from 0.
    pub fn path_parameter(&self, path: &str, index: usize) -> Option<&str> {
        let mut names = self.route(path)?.segments.iter().filter_map(|segment| {
            segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
        });
        names.nth(index)
    }

    /// The value of `Allow` (RFC 9110 §10.2.1) for a path.
    pub fn allow(&self, path: &str) -> String {
        let Some(Route { methods, .. }) = self.route(path) else {
            return "GET, HEAD".into();
        };
        let mut allowed: Vec<&str> = methods.keys().map(String::as_str).collect();
        if methods.contains_key("GET") {
            allowed.push("HEAD");
        }
        allowed.join(", ")
    }

    /// The query parameters that the operation has, and whether each may be repeated; `None` when it ignores
    /// others, or there is no such operation.
    pub fn query_parameters(&self, method: &Method, path: &str) -> Option<&BTreeMap<String, bool>> {
        let method = if method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        self.route(path)?.methods.get(method)?.as_ref()
    }

    /// Whether the operation's body comes as a stream, which may take as long as it comes.
    pub fn is_upload(&self, method: &Method, path: &str) -> bool {
        let route = self.route(path);
        route.is_some_and(|route| route.uploads.contains(method.as_str()))
    }
}
