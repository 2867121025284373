# Who sells

seller = Seller
-merchant = Souk Demo GmbH
seller-name = { -merchant }
seller-street = Beispielstraße 1
seller-town = 10115 Berlin, Germany
seller-tax = VAT ID DE000000000

# Terms

terms = Terms
terms-lead = Last changed on 1 November 2026.
terms-seller = Who sells
terms-seller-text = The seller is { -merchant }, Beispielstraße 1, 10115 Berlin, Germany. This is a demo: no goods are sent and no money is taken.
terms-order = How an order is made
terms-order-text = The products in the shop are an invitation to order. You order with the button “Order and pay” on the last page of the checkout. You can correct all entries before that. We accept the order by confirming it on the order’s page.
terms-prices = Prices and tax
terms-prices-text = Prices include tax in Germany, France and Ireland. In all other countries tax is added according to the address, and shown before you order. Delivery costs are shown in the checkout.
terms-payment-text = The amount is reserved on your card when you order, and charged when the parcel leaves. If an item is not in stock, the order is cancelled and the amount is released.
terms-delivery-text = The checkout says whether we deliver to your country, and how. If a parcel is not dispatched in time, the order is cancelled and nothing is charged.
terms-warranty = Warranty
terms-warranty-text = Your statutory rights for faulty goods apply.

# Withdrawal

withdrawal = Withdrawal
withdrawal-lead = You have 14 days to change your mind.
withdrawal-right = Your right
withdrawal-right-text = You may withdraw from the contract within 14 days, without giving a reason. The 14 days start on the day on which you receive the parcel.
withdrawal-how = How to withdraw
withdrawal-before = Before dispatch: open the order and choose “Cancel this order”.
withdrawal-after = After delivery: tell us in a letter or an e-mail that you withdraw. You can use the form below, but you do not have to.
withdrawal-then = What happens then
withdrawal-then-text = We refund everything that you paid, including standard delivery, within 14 days of your message, by the means of payment that you used. Send the goods back within 14 days of your message.
withdrawal-form = Form
withdrawal-form-text = To { -merchant }, Beispielstraße 1, 10115 Berlin, Germany: I withdraw from the contract for the following goods. Ordered on, received on. Name, address, date, and signature if on paper.
