# Desks

desk = Desk
desk-merchant = Merchant desk
desk-courier = Courier desk
desk-support = Support desk
desk-today = Today
desk-products = Products
desk-orders = Orders
desk-promotions = Promotions
desk-imports = Imports
desk-deliveries = My parcels
desk-find = Find an order
desk-shop = The shop
desk-show = Show
desk-next = Next page
desk-status = Status

# Products

desk-search = Title or SKU
desk-department = Department
desk-product = Product
desk-sku = SKU
desk-price = Price
desk-available = Available
desk-no-price = not in { $currency }
desk-no-stock = The stock could not be fetched.
desk-products-none = There are no such products on sale.
desk-products-count = { $count ->
    [one] One product on sale
   *[other] { $count } products on sale
}

# A product

desk-prices = Prices
desk-prices-by = Prices by SKU and currency
desk-prices-hint = Leave a field empty to stop selling in that currency. Prices for other periods do not change.
desk-prices-save = Save prices
desk-prices-saved = The prices are saved.
desk-prices-saved-text = The shop shows them within a minute.
desk-prices-refused = The prices are not saved.
desk-price-faults = { $count ->
    [one] One price needs a correction
   *[other] { $count } prices need a correction
}
desk-price-wrong = Enter an amount such as 49.99
desk-product-changed = This product was changed while you edited it.
desk-product-changed-text = Nothing is saved yet. The fields show your prices, with the current price below each one that differs. Save them again, or correct them first.
desk-now = now { $price }
desk-now-none = now none
desk-stock = Stock
desk-stock-by = Stock by SKU
desk-on-hand = On hand
desk-reserved = Reserved
desk-adjust = Adjust the stock
desk-units = Units
desk-delta-hint = Units to add, such as 20. To remove units, enter a minus first, such as -3.
desk-delta-wrong = Enter a number of units such as 20 or -3
desk-not-enough = There are not as many units that no order needs
desk-reason = Reason
desk-reason-received = Received
desk-reason-counted = Counted
desk-reason-damaged = Damaged
desk-reason-lost = Lost
desk-adjust-now = Adjust
desk-stock-saved = The stock is adjusted.
desk-stock-saved-text = The shop shows it within a minute.
desk-stock-unsaved = The stock is not adjusted.
desk-stock-choose = Choose a SKU and a reason.
desk-details = Details
desk-tax-class = Tax class
desk-draft = Draft
desk-published = On sale
desk-in-shop = See it in the shop

# Orders

desk-order = Order
desk-placed = Placed
desk-waits = Waits for, or why it failed
desk-from = From
desk-to = To
desk-day-wrong = Enter a day such as 2026-11-30.
desk-days-wrong = The first day must not be after the last one.
desk-status-reserved = Waits for payment
desk-waits-stock = the stock, until { $until }
desk-waits-payment = the payment, until { $until }
desk-waits-customer = the customer, until { $until }
desk-waits-dispatch = dispatch, until { $until }
desk-waits-delivery = delivery, until { $until }

# Today

desk-empty = No products yet.
desk-empty-text = Import a file of products, and they are on sale.
desk-partial = A part of this page is missing, because it could not be fetched.
desk-revenue = Revenue
desk-revenue-of = without cancelled orders
desk-revenue-more = of the latest 100 orders
desk-to-dispatch = To dispatch
desk-next-by = next by { $until }
desk-failed = Failed
desk-failed-since = since yesterday
desk-latest = Latest orders
desk-orders-all = All orders
desk-orders-none = No orders yet.
desk-look = Failed since yesterday
desk-look-none = Nothing failed.
desk-cancelled-all = All cancelled
desk-why = Cancelled because
desk-low = Low stock
desk-low-none = There are more than five units of everything.
desk-products-all = All products

# Promotions

promotion = Promotion
promotions-none = There are no promotions yet.
promotions-newest = Promotions, newest first
promotion-add = Add a promotion
promotion-add-now = Add the promotion
promotion-added = The promotion is added.
promotion-ended-now = The promotion is ended. Quotes that have it stay valid for 15 minutes.
promotion-discount = Discount
promotion-used = Used
promotion-end = End
promotion-scheduled = Scheduled
promotion-active = Active
promotion-paused = Paused
promotion-exhausted = Used up
promotion-ended = Ended
promotion-automatic = Automatic
promotion-from = From { $amount }
promotion-until = Until { $date }
promotion-off-item = { $amount } off the items
promotion-off-order = { $amount } off the order
promotion-off-shipping = { $amount } off shipping
promotion-each = { $amount } each
promotion-buy = Buy { $buy }, get { $get } for less
promotion-free-shipping = Free shipping
promotion-kind-percentage = Percentage
promotion-kind-percentage-text = Off the order
promotion-kind-fixed = Fixed amount
promotion-kind-fixed-text = Off the order, in one currency
promotion-kind-free-text = For all shipping options
promotion-code = Code
promotion-code-hint = Without a code, the promotion applies to every basket by itself.
promotion-code-taken = Use another code. A current or past promotion has this one
promotion-code-wrong = Use 3 to 32 letters, digits, hyphens and underscores
promotion-value = Percent or amount
promotion-value-hint = Not needed for free shipping.
promotion-value-wrong = Enter an amount such as 12.50
promotion-percent-wrong = Enter a percentage from 0 to 100
promotion-currency = Currency
promotion-minimum = Minimum order value
promotion-day-wrong = Enter a day such as 2026-11-30
promotion-days-wrong = Choose a last day that is not in the past and not before the first day
desk-action = Action

# Imports

import = Import
import-file = Import a file
import-lead = A file in our columns, or an export of Shopify or WooCommerce.
import-csv-file = CSV file
import-csv-hint = At most 4 MB. Import a larger file in parts, or through the API.
import-paste = Paste the rows instead
import-csv = Rows
import-missing = Choose a file, or paste its rows
import-wrong = The file { $reason }
import-currency = Currency of the prices in an export
import-existing = Products that already exist
import-refuse = Refuse them
import-refuse-text = Only new products are imported.
import-update = Update them
import-update-text = The values in the file replace the current ones.
import-start = Start the import
import-progress = { $done } of { $rows } products
import-done = The import is finished.
import-took = { $count ->
    [one] It took one second.
   *[other] It took { $count } seconds.
}
import-imported = Imported
import-refused = Refused
import-pending = Still to do
import-refused-rows = Refused rows
import-warned-rows = Imported with warnings
import-download = Download the refused rows
import-row = Row
import-reason = Reason
import-warning = Warning
import-more = More rows
import-left-out = Not imported
