//! Signing in: a session of an account takes the place of a guest's, with what the guest put into the basket.

use contracts::CartId;
use lambda::{ApiError, ApiRequest, Form, Problem, Visit, Visitor};
use serde_json::{Value, json};

use crate::{
    Storefront,
    cart::Cart,
    link,
    session::{Granted, Session, set_cookie},
    signed::Signed,
};

/// The path of signing in, for a visitor without an account. A request for JSON gets a problem instead.
pub(crate) fn to_sign_in(visitor: &Visitor) -> Result<String, Problem> {
    if visitor.path.starts_with("/v1/") {
        return Err(not_signed_in());
    }
    Ok(link::sign_in(&visitor.here()))
}

/// Says that a page, or a part of one, needs an account.
pub(crate) fn not_signed_in() -> Problem {
    Problem::unauthenticated("Sign in to see this page.")
}

impl Storefront {
    /// The session of a visitor with an account.
    pub(crate) async fn customer<I>(&self, visit: &Visit<I>) -> Result<Option<Signed>, Problem> {
        Ok(self.signed(visit).await?.filter(|signed| !signed.session.is_guest()))
    }

    /// The session of an account that a form belongs to.
    pub(crate) async fn submitting_customer(&self, visit: &Visit<Form>) -> Result<Option<Signed>, Problem> {
        Ok(self.submitted(visit).await?.filter(|signed| !signed.session.is_guest()))
    }

    /// Asks users for a session.
    pub(crate) async fn sign_in(&self, email: &str, password: &str, visitor: &Visitor) -> Result<Granted, ApiError> {
        let body = json!({"email": email, "password": password});
        let request = ApiRequest::new(http::Method::POST, "/v1/sessions").json(&body);
        self.users.send(request.on_behalf_of(&visitor.address)).await
    }

    /// Starts the session of an account and ends that of the guest. Returns the new cookie: who knew the old one, knows
    /// nothing of the new session.
    pub(crate) async fn enter(
        &self,
        granted: Granted,
        guest: Option<&Signed>,
        visit: &Visit<Form>,
    ) -> Result<String, Problem> {
        let value = self.random_text();
        let session = Session::start(&value, granted, &self.sealer, visit.now())?.on_device_of(&visit.visitor);
        let signed = self.with_tokens(session, &visit.visitor)?;
        let basket = self.basket_after(&signed, guest).await?;
        let session = match basket {
            Some(basket) => signed.session.with_basket(basket),
            None => signed.session,
        };
        self.store.replace_session(guest.map(|guest| guest.session.id.as_str()), &session, &visit.context).await?;
        Ok(set_cookie(&value))
    }

    /// The cart of an account that signs in: its own one, with what the guest brings.
    async fn basket_after(&self, signed: &Signed, guest: Option<&Signed>) -> Result<Option<CartId>, Problem> {
        let account = signed.session.person.id;
        // A guest who registered keeps the cart.
        if let Some(guest) = guest.filter(|guest| guest.session.person.id == account) {
            return Ok(guest.session.basket);
        }
        let own = self.store.basket(account).await?;
        let brought = match guest {
            // Who signs in need not wait until checkout answers.
            Some(guest) => self.cart(guest).await.ok().flatten().filter(|cart| cart.units() > 0),
            None => None,
        };
        let Some(brought) = brought else { return Ok(own) };
        if let Some(own) = own
            && self.merge(signed, own, &brought).await?
        {
            return Ok(Some(own));
        }
        // There is no own cart, or it was ordered, or both together are too much for one.
        let new = self.cart_for(signed, brought.currency, &format!("basket-of-{}", brought.id)).await?;
        Ok(if self.merge(signed, new.id, &brought).await? { Some(new.id) } else { own })
    }

    /// Moves what is in a guest's cart into one of the account. Whether it was moved.
    async fn merge(&self, signed: &Signed, into: CartId, from: &Cart) -> Result<bool, ApiError> {
        let key = format!("merge-{}-{into}", from.id);
        let body = json!({"from": from.id, "claim": from.claim});
        let request = ApiRequest::post(format!("/v1/carts/{into}/merge"), &key).json(&body);
        match self.checkout.send::<Value>(signed.with_token(request)).await {
            Ok(_) => Ok(true),
            Err(ApiError::Refused(problem)) if matches!(problem.status, 404 | 409 | 422) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
