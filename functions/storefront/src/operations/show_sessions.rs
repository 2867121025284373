//! Show where an account is signed in, and sign out elsewhere.

use askama::Template;
use futures::future::try_join_all;
use garde::Validate;
use jiff::Timestamp;
use lambda::{Acted, Form, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, entry::to_sign_in, session::Session, shell::Shell, when};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowSessions {}

/// Where an account is signed in.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "sessions.html")]
struct SessionsPage {
    #[serde(skip)]
    shell: Shell,
    sessions: Vec<SessionView>,
}

/// A browser in which an account is signed in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownSession")]
struct SessionView {
    /// The browser and its system. `null` if they are not known.
    device: Option<String>,
    started_at: Timestamp,
    /// When it was last used, to ten minutes.
    used_at: Timestamp,
    /// Whether it is the session of this visit.
    is_current: bool,
    #[serde(skip)]
    id: String,
    #[serde(skip)]
    started: String,
    #[serde(skip)]
    used: String,
}

impl SessionView {
    fn of(session: Session, current: &str, now: Timestamp) -> Self {
        Self {
            device: session.device,
            started_at: session.started,
            used_at: session.seen,
            is_current: session.id == current,
            started: when::time_or_date(session.started, now),
            used: when::time_or_date(session.seen, now),
            id: session.id,
        }
    }
}

impl SessionsPage {
    fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.is_current)
    }

    fn device(&self, session: &SessionView) -> String {
        session.device.clone().unwrap_or_else(|| self.shell.t("session-unknown"))
    }
}

pub fn function() -> Function {
    Function::form("show-sessions", show, act).problems(&[UNAUTHENTICATED]).about(
        "The browsers in which the account of the session in the cookie is signed in, the newest first: at most 100. \
         Without an account, it is 401.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowSessions>) -> Result<Seen<SessionsPage>, Problem> {
    let Some(signed) = storefront.customer(&visit).await? else { return Ok(Seen::See(to_sign_in(&visit.visitor)?)) };
    let (account, now) = (signed.session.person.id, visit.now());
    let (sessions, shell) =
        futures::try_join!(storefront.store.sessions(account, now), storefront.shell(&visit.visitor, Some(&signed)))?;
    let sessions = sessions.into_iter().map(|session| SessionView::of(session, &signed.session.id, now)).collect();
    Ok(Seen::Page(Html::new(SessionsPage { shell, sessions })))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<SessionsPage>, Problem> {
    let Some(signed) = storefront.submitting_customer(&visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let sessions = storefront.store.sessions(signed.session.person.id, visit.now()).await?;
    let others = sessions.into_iter().filter(|session| session.id != signed.session.id);
    let chosen = visit.input.text("session");
    let ended: Vec<_> = others.filter(|session| chosen.is_none_or(|chosen| session.id == chosen)).collect();
    try_join_all(ended.iter().map(|session| storefront.end(session, &visit))).await?;
    Ok(Acted::see("/account/sessions"))
}
