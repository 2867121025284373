# The list of orders

order = Order
orders = Your orders
orders-sign-in = Sign in to see your orders.
orders-sign-in-text = This browser does not remember an order. The orders of a guest are kept for 30 days in the browser that they were made in.
orders-none = No orders yet.
orders-none-text = Orders from this browser and from your account appear here.
orders-none-with = No orders on this page match the filters.
orders-filter = Filter by status
orders-all = All
orders-open = Open
orders-newest = Orders, newest first
orders-older = Older orders
orders-more = and { $count } more
pages = Pages
status-placed = In progress
status-confirmed = Confirmed
status-shipped = On its way
status-delivered = Delivered
status-cancelled = Cancelled

# An order

progress = Progress
order-placed = Thank you. We are checking the stock.
order-placed-text = This takes a few seconds. You can close this page: the order is safe.
order-approve = Your bank asks you to approve the payment
order-asking = We are asking your bank
order-asking-text = The bank has not answered yet. Do not order again: the payment is made once at most.
order-confirmed = Thank you. We are packing your parcel.
order-confirmed-text = The payment is approved. The card is charged when the parcel leaves.
order-shipped = On its way to you
order-delivered = Delivered
order-out-of-stock = Cancelled: an item ran out
order-declined = The payment was declined
order-voided = Cancelled: the bank released the payment
order-requested = Cancelled at your request
order-undeliverable = Cancelled: the parcel could not be delivered
order-timed-out = Cancelled: it took too long
order-cancelled = Cancelled
order-placed-at = Ordered
order-refunded-on = Refunded on { $date }
order-left = You pay
order-partial = A part of this page is missing, because it could not be fetched.
receipt = Receipt
receipt-print = Print this page to get a receipt.
sum-paid = What you paid, and why
sum-ordered = What was ordered

# Its steps

step-placed = Placed
step-reserving = Reserving your items
step-reserved = Reserved
step-reserved-text = All items are set aside for you.
step-payment = Payment
step-approval = Waiting for your approval
step-paid = Payment approved
step-paid-text = The card was charged when the parcel left.
step-packing = Packing your parcel
step-sent = On its way
step-courier = With the courier
step-courier-text = Your parcel left on { $date }.
step-delivered = Delivered
step-delivered-text = Handed over to you.
step-no-stock = Not in stock
step-no-stock-text = The last one was sold a moment earlier. Nothing was charged.
step-declined = Payment declined
step-declined-text = Nothing was charged. The order is cancelled.
step-undelivered = Not delivered
step-attempts = { $count ->
    [one] One attempt.
   *[other] { $count } attempts.
}
step-courier-wrote = The courier wrote: “{ $text }”
step-cancelled = Cancelled
step-you-wrote = The reason: “{ $text }”
until-reserved = If this has not happened by { $until }, the order is cancelled and nothing is charged.
until-approved = Until { $until }. After that the order is cancelled and nothing is charged.
until-paid = Until { $until }. If the bank does not answer, the order is cancelled and nothing is charged.
until-sent = If the parcel has not left by { $until }, the order is cancelled and nothing is charged.
live-updates = This page updates itself.
live-pause = Pause updates

# What to know and to do

approve-title = Approve { $amount } at your bank
approve-text = You come back to this page afterwards.
approve-none = The page of the bank is not known yet. It appears here in a moment.
approve-go = Go to the bank
approve-done = I have decided at the bank
back-title = The items are back in your basket
back-text = Remove what ran out, and order the rest.
back-go = Go to the basket
declined-text = Your items are back in the basket, with the same address and shipping.
declined-go = Pay with another card
money-nothing = Nothing was charged
money-released = The { $amount } reserved on your card was released at { $time }. Banks take up to five days to show it.
money-refunded = { $amount } is refunded
money-refunded-text = Refunded on { $date } to the card that you paid with. Banks take up to five days to show it.
money-refunding = { $amount } is being refunded
money-refunding-text = The refund goes to the card that you paid with.
money-unknown = The order is cancelled
money-unknown-text = We cannot show what happened to the payment. Try again in a few minutes.
pin = PIN for the courier
pin-text = Tell it to the courier when you have the parcel in your hands, not before.
withdraw-until = You can withdraw until { $date }.
withdraw-how = How it works
keep-order = Keep this order
keep-order-text = This browser remembers it. To see it elsewhere, register: your orders come with you.
order-register = Register
cancel-order = Cancel this order
cancel-reason = Reason
cancel-reason-hint = At most 200 characters. We read it.
cancel-now = Cancel the order
order-cancel-default = No reason was given.
