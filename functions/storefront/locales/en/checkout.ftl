# The steps of the checkout

checkout = Checkout
checkout-summary = Your order
checkout-change = Change the basket
checkout-address-title = Checkout: address
checkout-address-error = Error: checkout, address
checkout-shipping-title = Checkout: shipping
checkout-payment-title = Checkout: payment
checkout-review-title = Checkout: review
stage-address = Address
stage-shipping = Shipping
stage-payment = Payment
stage-review = Review
continue-shipping = Continue to shipping
continue-payment = Continue to payment
continue-review = Continue to review
change = Change
checkout-sign-in = Sign in

# Sums

line-priced = { $quantity } × { $title } at { $price }
sum-delivery = Delivery
sum-next-step = next step
sum-free = free
sum-tax = Tax
sum-tax-included = Includes tax
sum-total = Total
sum-total-so-far = Total so far
sum-discounts = Discounts
tax-standard = the standard rate
tax-reduced = the reduced rate
tax-class = the rate for { $name }
tax-includes = Includes tax at { $rate } on { $net }
tax-includes-delivery = Includes tax on delivery
tax-added = Tax at { $rate } on { $net }
tax-added-delivery = Tax on delivery

# The address

address-where = Where should it go?
address-another = Another address
address-another-note = You can enter it on the next page.
address-have-account = Have an account?
address-to-use = to use your addresses. You can order without one.
address-nowhere = We do not ship to { $country }
address-refused = This address was not accepted
address-basket-kept = Your basket is kept.

# Shipping

shipping-how = How fast should it be?
shipping-days = { $count ->
    [one] One day
   *[other] { $count } days
}
shipping-free = Free because the items cost at least { $price }.
shipping-free-from = Free from { $price }.

# Payment

payment-how = How do you want to pay?
payment-when = We charge the card when the parcel leaves. Until then the amount is only reserved.
payment-choose = Choose how you want to pay.
payment-none = There is no payment method to choose from.
payment-none-guest = Sign in to use the payment methods of your account. Your basket comes with you.
payment-none-text = Add one to your account, and come back. Your basket is kept.
checkout-methods = Payment methods
payment-declined-text = Your items are back in the basket, and nothing was charged.
method-card = Card
method-ending = ending in { $last4 }
method-sepa = SEPA Direct Debit
method-pm_card_visa = Visa ending in 4242
method-pm_card_chargeDeclined = Card that is declined
method-pm_card_chargeDeclinedInsufficientFunds = Card without enough funds
method-pm_sandbox_3ds = Card with approval by the bank
method-pm_sandbox_timeout = Card of a slow bank
method-pm_sandbox_unreachable = Card of a bank that does not answer
note-test = Test card.
note-pm_card_visa = Test card: the payment is approved.
note-pm_card_chargeDeclined = Test card: the bank refuses the payment.
note-pm_card_chargeDeclinedInsufficientFunds = Test card: the bank refuses the payment.
note-pm_sandbox_3ds = Test card: you approve the payment on a page of the bank (3-D Secure).
note-pm_sandbox_timeout = Test card: the payment is approved, but the first answer is lost.
note-pm_sandbox_unreachable = Test card: all answers are lost, and nothing is charged.

# The review

review-to = Deliver to
review-accept = By ordering you accept the
review-terms = terms
review-withdraw = You can withdraw within 14 days:
review-withdraw-how = how it works
review-valid = These prices are valid until
review-renew = Renew for 15 minutes
review-refused = This basket cannot be ordered
review-uncertain = The shop did not answer
review-uncertain-text = Your order may have been placed. Press the button again: it is placed once at most.
review-recalculated = The prices were recalculated
review-changed = This has changed:
review-unchanged = Nothing has changed. Check the order and send it again.
order-and-pay = Order and pay
quote-instead = { $name }: { $now } instead of { $old }
quote-quantity = Quantity of { $title }
quote-added = { $title } was added
quote-removed = { $title } was removed
