# The parcels of a courier

parcel = Parcel
parcels = My parcels
parcel-option-standard = Standard delivery
parcel-option-express = Express delivery
parcels-none = No parcels for you.
parcels-none-text = Your parcels and the parcels without a courier appear here.
parcels-look = Look again
parcels-sent = With me, { $count }
parcels-returning = To bring back, { $count }
parcels-to-fetch = To fetch, { $count }
parcels-free = To take over, { $count }
parcels-more = There are more. They appear here when there are fewer of these.
parcel-number = Parcel { $number }
parcel-until = dispatch by { $time }
parcel-attempts = { $count ->
    [one] one failed attempt
   *[other] { $count } failed attempts
}
parcel-free = Has no courier yet
parcel-mine = Yours, not yet dispatched
parcel-others = Another courier has it
parcel-sent = On its way
parcel-again = To try again
parcel-delivered = Delivered
parcel-returning = Comes back
parcel-cancelled = Cancelled

# A parcel

parcel-take-over = Take over
parcel-take-over-text = Take the parcel over if you deliver it. It then appears in your list.
parcel-dispatch = Dispatch
parcel-dispatch-text = Dispatch the parcel when you have it. The customer is then charged and sees that it is on its way.
parcel-hand-over = Hand over
parcel-pin = PIN of the customer
parcel-pin-hint = Six digits. Ask for it when you hand over the parcel.
parcel-deliver = Delivered
parcel-without-pin = Delivered without PIN
parcel-not-delivered = Not delivered
parcel-reason-hint = { $count ->
    [one] The customer sees it. This is the last attempt: the parcel then comes back.
   *[other] The customer sees it. After { $count } more failed attempts the parcel comes back.
}
parcel-fail = Report a failed attempt
parcel-nobody = Nobody was at home
parcel-no-address = The address was not found
parcel-not-wanted = The customer refused the parcel
parcel-next = Next parcel
parcel-returning-text = Bring the parcel back to the warehouse. It is not delivered.
parcel-cancelled-text = The order was cancelled before the parcel left. There is nothing to deliver.
parcel-others-text = Only the courier who has the parcel can deliver it.
parcel-where = Where
parcel-map = Open the map
parcel-contents = Contents
parcel-shipping = Shipping
parcel-dispatch-by = Dispatch by
parcel-failed = Failed attempts
pin-missing = Enter the PIN, or choose “Delivered without PIN”
pin-wrong = { $count ->
    [one] The PIN is wrong. Ask the customer again. One attempt to deliver is left; a wrong PIN is not counted
   *[other] The PIN is wrong. Ask the customer again. { $count } attempts to deliver are left; a wrong PIN is not counted
}
reason = Reason
reason-missing = Enter a reason
reason-wrong = Use at most 200 characters

# The search of support

support-find = Find an order
support-query = Order, shipment or e-mail address
support-query-hint = The number of an order (ord_…) or shipment (shp_…), or the e-mail address of an account.
support-search = Find
support-nothing = Nothing was found
support-nothing-text = There is no order, shipment or account with “{ $text }”. The number of an order has 36 characters.
support-no-orders = This account has no orders.
support-orders-of = Orders of { $email }, newest first
support-status = Status

# An order for support

support-order-of = Order of { $name }
support-placed = Placed on { $time }
support-history = History
support-event = Event
support-time = Time
support-payments = Payments
support-transaction = Transaction
support-amount = Amount
support-item = Item
support-who = Customer and parcel
support-customer = Customer
support-payment = Payment
support-courier = Courier
support-reason-hint = At most 200 characters.
support-cancel-text = The stock is released, and nothing is charged. The customer sees the reason.
refund = Refund
refund-asked = The refund was asked for. It is under payments when the provider has made it.
refund-captured = Charged
refund-refunded = Refunded
refund-left = Can be refunded
refund-amount = Amount in { $currency }
refund-most = Enter an amount of at most { $amount }
refund-nothing = Nothing is left to refund.
event-orderplaced = Placed
event-orderreserved = Stock reserved
event-orderactionrequired = Customer asked to approve the payment
event-orderconfirmed = Payment authorised
event-ordershipped = On its way
event-orderdelivered = Delivered
event-ordercancelled = Cancelled
event-shipmentscheduled = Parcel ready for a courier
event-courierassigned = Taken over by a courier
event-shipmentdispatched = Parcel dispatched
event-shipmentdelivered = Parcel handed over
event-deliveryfailed = Attempt to deliver failed
event-shipmentcancelled = Parcel cancelled
event-shipmentrecalled = Parcel called back
why-out-of-stock = Out of stock
why-payment-declined = Payment declined
why-payment-voided = Hold released by the bank
why-requested = Requested
why-delivery-failed = Not delivered
why-timed-out = Took too long
ledger-authorization = Authorised
ledger-void = Released
ledger-capture = Charged
ledger-refund = Refunded
ledger-refundreversed = Refund failed
ledger-chargeback = Disputed
ledger-chargebackwon = Dispute won
ledger-chargebacklost = Dispute lost
