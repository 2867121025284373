//! A visitor with a session: finds it, keeps its tokens valid, and starts and ends it.

use jiff::Timestamp;
use lambda::{ApiError, ApiRequest, Form, Problem, Visit, Visitor};
use serde_json::{Value, json};

use crate::{
    Storefront,
    session::{COOKIE, Granted, Session, id_of, set_cookie},
};

/// The field of a form with the secret of its session.
pub(crate) const TOKEN_FIELD: &str = "csrf";

/// The name of the problem of a form that a page of another session made.
pub(crate) const FORM_TOO_OLD: &str = "form-too-old";

/// A session whose access token is valid.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) session: Session,
    token: String,
    address: String,
}

impl Signed {
    /// The access token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A request with the visitor's own token.
    pub(crate) fn with_token(&self, request: ApiRequest) -> ApiRequest {
        request.token(&self.token).on_behalf_of(&self.address)
    }
}

impl Storefront {
    /// The session of a visitor, with a valid access token. `None` if there is none, or if it was ended elsewhere.
    pub(crate) async fn signed<I>(&self, visit: &Visit<I>) -> Result<Option<Signed>, Problem> {
        let Some(session) = self.known(&visit.visitor, visit.now()).await? else { return Ok(None) };
        if session.is_stale(visit.now()) {
            return self.renewed(session, visit).await;
        }
        self.with_tokens(session, &visit.visitor).map(Some)
    }

    /// The session of a visitor, as it is stored. Its access token may have expired.
    pub(crate) async fn known(&self, visitor: &Visitor, now: Timestamp) -> Result<Option<Session>, dynamo::Error> {
        let Some(cookie) = visitor.cookie(COOKIE).filter(|cookie| !cookie.is_empty()) else { return Ok(None) };
        let session = self.store.session(&id_of(cookie)).await?;
        Ok(session.filter(|session| !session.has_ended(now)))
    }

    /// Of many requests at once, one replaces the token. For ten seconds the others get the same one.
    async fn renewed<I>(&self, session: Session, visit: &Visit<I>) -> Result<Option<Signed>, Problem> {
        let session = match self.refreshed(&session.refresh_token(&self.sealer)?, &visit.visitor).await {
            Ok(granted) => session.renewed(granted, &self.sealer, visit.now())?,
            Err(error) if error.has_status(401) => {
                self.store.keep(session.ended(visit.now()), &visit.context).await?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        self.with_tokens(self.store.keep(session, &visit.context).await?, &visit.visitor).map(Some)
    }

    async fn refreshed(&self, token: &str, visitor: &Visitor) -> Result<Granted, ApiError> {
        let request = ApiRequest::new(http::Method::POST, "/v1/sessions/refresh").json(&json!({"refreshToken": token}));
        self.users.send(request.on_behalf_of(&visitor.address)).await
    }

    pub(crate) fn with_tokens(&self, session: Session, visitor: &Visitor) -> Result<Signed, Problem> {
        let token = session.access_token(&self.sealer)?;
        Ok(Signed { session, token, address: visitor.address.clone() })
    }

    /// The session that a form belongs to. A form that another page made is refused.
    pub(crate) async fn submitted(&self, visit: &Visit<Form>) -> Result<Option<Signed>, Problem> {
        let Some(signed) = self.signed(visit).await? else { return Ok(None) };
        let expected = signed.session.form_token(&visit.visitor.path, &self.sealer);
        if visit.input.text(TOKEN_FIELD) == Some(expected.as_str()) {
            return Ok(Some(signed));
        }
        Err(Problem::new(403, FORM_TOO_OLD, "The form is too old")
            .detail("You signed in or out after the page was opened. Open the page again and send it from there."))
    }

    /// Starts a session for what users granted. Returns it and the cookie.
    pub(crate) async fn start_session<I>(
        &self,
        granted: Granted,
        visit: &Visit<I>,
    ) -> Result<(Signed, String), Problem> {
        let value = self.random_text();
        let session = Session::start(&value, granted, &self.sealer, visit.now())?.on_device_of(&visit.visitor);
        let session = self.store.keep(session, &visit.context).await?;
        Ok((self.with_tokens(session, &visit.visitor)?, set_cookie(&value)))
    }

    /// Ends a session at users and here. Whatever users answers, nobody has its tokens once they are removed here.
    pub(crate) async fn end<I>(&self, session: &Session, visit: &Visit<I>) -> Result<(), Problem> {
        let token = if session.is_stale(visit.now()) {
            let refreshed = self.refreshed(&session.refresh_token(&self.sealer)?, &visit.visitor).await;
            refreshed.ok().map(|granted| granted.access_token)
        } else {
            Some(session.access_token(&self.sealer)?)
        };
        if let Some(token) = token {
            let end = ApiRequest::new(http::Method::DELETE, "/v1/sessions/current").token(&token);
            let _ = self.users.send::<Value>(end.on_behalf_of(&visit.visitor.address)).await;
        }
        Ok(self.store.end_session(&session.id, &visit.context).await?)
    }

    /// The session of a visitor, or a new one of a guest with the cookie for it.
    ///
    /// A page from before the session has no token: the visitor went back to it, or has it in another tab. Its origin says
    /// that it is of this shop.
    pub(crate) async fn signed_or_guest(&self, visit: &Visit<Form>) -> Result<(Signed, Option<String>), Problem> {
        let signed = match visit.input.text(TOKEN_FIELD) {
            Some(_) => self.submitted(visit).await?,
            None => self.signed(visit).await?,
        };
        if let Some(signed) = signed {
            return Ok((signed, None));
        }
        let request = ApiRequest::new(http::Method::POST, "/v1/guests").on_behalf_of(&visit.visitor.address);
        let granted = self.users.send::<Granted>(request).await.map_err(|error: ApiError| Problem::from(error))?;
        let (signed, cookie) = self.start_session(granted, visit).await?;
        Ok((signed, Some(cookie)))
    }
}
