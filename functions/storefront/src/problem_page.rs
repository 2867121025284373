//! The page that says what went wrong.

use askama::Template;
use lambda::{ShownProblem, Visitor};

use crate::{
    Storefront,
    aisle::Aisles,
    shell::Shell,
    signed::{FORM_TOO_OLD, TOKEN_FIELD},
};

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    shell: Shell,
    status: u16,
    title: String,
    text: String,
    /// For support, after a failure of ours.
    request_id: Option<String>,
    /// The path of signing in, from where the visitor comes back, if that helps.
    sign_in: Option<String>,
    /// The path and the fields of a form that can be sent again.
    again: Option<(String, Vec<(String, String)>)>,
}

/// The fields of a form that is too old, to send them again. A password is not shown to a browser, so a form with one is
/// filled in again.
fn fields_again(problem: &ShownProblem) -> Option<Vec<(String, String)>> {
    let form = problem.form.as_ref().filter(|_| problem.slug == FORM_TOO_OLD)?;
    let fields = form.fields().filter(|(name, _)| *name != TOKEN_FIELD);
    let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(fields).filter(|fields| fields.iter().all(|(name, _)| name != "password"))
}

/// The page of a problem. Without the aisles if they cannot be read.
pub(crate) async fn of(storefront: &Storefront, visitor: &Visitor, problem: ShownProblem) -> String {
    let shell = storefront.visited(visitor, storefront.env.now()).await.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "what is around the page cannot be read");
        Shell::of(visitor, &Aisles::default(), None)
    });
    let again = fields_again(&problem).map(|fields| (visitor.path.clone(), fields));
    let kind = match problem.status {
        403 if again.is_some() => "too-old",
        401 => "sign-in",
        403 => "forbidden",
        404 | 410 => "not-found",
        429 => "too-many",
        503 => "unavailable",
        status if status < 500 => "refused",
        _ => "failed",
    };
    let text = match (kind, problem.retry_after, problem.detail) {
        ("too-many", Some(seconds), _) => shell.n("problem-too-many-text", seconds),
        ("refused" | "forbidden" | "sign-in", _, Some(detail)) => detail,
        _ => shell.t(&format!("problem-{kind}-text")),
    };
    let title = shell.t(&format!("problem-{kind}-title"));
    let request_id = Some(problem.request_id).filter(|_| problem.status >= 500);
    let sign_in = (problem.status == 401).then(|| shell.sign_in());
    let page = ProblemPage { sign_in, again, shell, status: problem.status, title, text, request_id };
    page.render().unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be made");
        String::new()
    })
}
