//! Faults that concern several resources.

use super::{Deployment, Place, Route, TemplateError};

impl Deployment {
    /// Everything that is named must be there.
    pub(super) fn check(&self) -> Result<(), TemplateError> {
        for api in &self.apis {
            let error = |message: String| Err(TemplateError::new(&api.place.file, &api.place.resource, message));
            if let Some(name) = api.default_authorizer.as_ref().filter(|name| !api.authorizers.contains_key(*name)) {
                return error(format!("there is no authorizer {name}"));
            }
            for authorizer in api.authorizers.values() {
                if self.function(&authorizer.function).is_none() {
                    return error(format!("there is no function {} to authorize with", authorizer.function));
                }
            }
        }
        for function in &self.functions {
            if let Some(boundary) = function.boundary.as_ref().filter(|arn| !self.policies.contains_key(*arn)) {
                return self.misplaced(&function.name, &format!("there is no policy {boundary}"));
            }
        }
        for route in &self.routes {
            let api = self.api(&route.api);
            let known = match &route.authorizer {
                Some(name) => api.is_some_and(|api| api.authorizers.contains_key(name)),
                None => api.is_some(),
            };
            if !known {
                let message = format!("the route {} {} has no such API or authorizer", route.method, route.path);
                return self.misplaced(&route.function, &message);
            }
        }
        for head in &self.heads {
            if !self.routes.iter().any(|route| *route == Route { method: "GET".to_owned(), ..head.clone() }) {
                let message = format!("the route HEAD {} has no GET that is like it", head.path);
                return self.misplaced(&head.function, &message);
            }
        }
        for source in &self.queue_sources {
            let Some(queue) = self.queues.iter().find(|queue| queue.name == source.queue) else {
                return self.misplaced(&source.function, &format!("there is no queue {}", source.queue));
            };
            let Some(function) = self.function(&source.function) else { continue };
            // Lambda refuses it, too: messages would come again while the function still handles them.
            if let Some(visibility) = queue.visibility().filter(|visibility| *visibility < function.timeout) {
                let message = format!(
                    "the VisibilityTimeout of {} s is below the Timeout of {} s of {}",
                    visibility.as_secs(),
                    function.timeout.as_secs(),
                    function.place.resource
                );
                return Err(TemplateError::new(&queue.place.file, &queue.place.resource, message));
            }
        }
        for source in &self.stream_sources {
            if !self.tables.iter().any(|table| table.name == source.table) {
                return self.misplaced(&source.function, &format!("there is no table {}", source.table));
            }
        }
        Ok(())
    }

    fn misplaced(&self, function: &str, message: &str) -> Result<(), TemplateError> {
        let place = self.function(function).map(|function| function.place.clone());
        let Place { file, resource } = place.unwrap_or(Place { file: String::new(), resource: function.to_owned() });
        Err(TemplateError::new(&file, &resource, message))
    }
}

impl Route {
    /// Whether both take the same requests, so that only one of them is ever invoked. Each API may have its own
    /// fallback.
    pub(super) fn takes_requests_of(&self, other: &Self) -> bool {
        let form = |path: &str| path.split('/').map(form_of_segment).collect::<Vec<_>>();
        let is_fallback = form(&self.path).iter().all(|segment| matches!(segment.as_str(), "" | "{+}" | "$default"));
        self.method == other.method && form(&self.path) == form(&other.path) && (self.api == other.api || !is_fallback)
    }
}

/// A part of a path, without the name of its variable.
fn form_of_segment(segment: &str) -> String {
    match segment.strip_prefix('{').and_then(|variable| variable.strip_suffix('}')) {
        Some(greedy) if greedy.ends_with('+') => "{+}".to_owned(),
        Some(_) => "{}".to_owned(),
        None => segment.to_owned(),
    }
}
