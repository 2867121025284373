# What is on every page

shop-name = Souk
brand = souk
shop-description = Objects from small workshops: lamps, kettles, tents and books.
skip = Skip to content
search-label = Search the shop
search-example = Lamps, tents, bread
search-button = Search
departments = Departments
breadcrumb = Breadcrumb
foot-shop = Shop
currency = Currency
currency-eur = Euro, €
currency-gbp = Pound, £
currency-usd = US dollar, $
tax-note = Prices include tax where the law says so. Elsewhere tax is added once we know the address.
try-again = Try again
apply = Apply
next-page = Next page

# The first page

home-title = Souk: things that are good at one thing
home-heading = Things that are good at one thing.
home-lead = Objects from small workshops. Lamps that fold, kettles that pour, and a tent that stands before the water boils.
home-empty = There is nothing on the stalls yet.
home-new = New on the stalls
home-all = All products

# Prices, stock and choices

price-from = From { $price }
price-none = No price in { $currency }
price-show = Show { $price }
stock-in-stock = In stock
stock-only-left = Only { $count } left
stock-sold-out = Sold out
choices = { $count ->
    [one] { $count } version
   *[other] { $count } versions
}
choices-colour = { $count ->
    [one] { $count } colour
   *[other] { $count } colours
}
choices-finish = { $count ->
    [one] { $count } finish
   *[other] { $count } finishes
}
choices-size = { $count ->
    [one] { $count } size
   *[other] { $count } sizes
}
choices-glaze = { $count ->
    [one] { $count } glaze
   *[other] { $count } glazes
}
choices-wood = { $count ->
    [one] { $count } wood
   *[other] { $count } woods
}

# Listings and search

products = Products
products-all = All products
products-count = { $count ->
    [one] { $count } product
   *[other] { $count } products
}
search-results = Results for “{ $text }”
search-none = No results for “{ $text }”
search-none-advice = Check the spelling, use fewer words, or remove a filter.
search-corrected = Nothing was found for what you entered. These are the results for “{ $text }”.
search-relaxed = No product has all of the words. These have some of them.
search-unavailable = Search is unavailable
search-unavailable-text = You can still browse by department. Try again in a few minutes.
filters = Filters
filters-summary = { $count ->
    [0] Filters
    [one] Filters, { $count } active
   *[other] Filters, { $count } active
}
filters-active = Active filters
filters-clear = Remove all
filter-remove = Remove filter:
filter-from = From { $price }
filter-to = Up to { $price }
facet-category = Category
facet-colour = Colour
facet-material = Material
facet-size = Size
facet-price = Price in { $currency }
facet-products = products
price-lowest = From
price-highest = To
sort = Sort
sort-relevance = Best match
sort-newest = Newest
sort-priceasc = Lowest price
sort-pricedesc = Highest price

# Products

product-variant = Version
product-number = Number
product-gone = We no longer sell this product. If you have ordered it, your order is not affected.
product-gone-aisle = See what else is in { $aisle }

# Problems

problem-status = Error { $count }
problem-home = Go to the shop
problem-request = If you contact us, tell us this number: { $id }
problem-not-found-title = This page does not exist.
problem-not-found-text = The address may be mistyped, or the page was removed.
problem-sign-in-title = Sign in to see this page.
problem-sign-in-text = You are not signed in, or the session has ended.
problem-forbidden-title = You cannot see this page.
problem-too-many-title = Too many requests
problem-too-many-text = { $count ->
    [one] Try again in { $count } second.
   *[other] Try again in { $count } seconds.
}
problem-too-old-title = The form was not sent.
problem-too-old-text = You signed in or out after its page was opened. Send it again if it is still right.
send-again = Send it again
problem-refused-title = This did not work.
problem-refused-text = Go back, check what you entered, and try again.
problem-unavailable-title = This page is unavailable.
problem-unavailable-text = A part of the shop does not answer. Try again in a few minutes.
problem-failed-title = Something went wrong.
problem-failed-text = The fault is ours. Try again in a few minutes.

# The basket

you = Account and basket
basket = Basket
basket-empty = The basket is empty.
basket-empty-text = What you add stays here for 30 days.
basket-look = Look around
basket-cookie = The basket needs a cookie.
basket-cookie-text = Your browser did not keep the cookie that links you to your basket. Allow cookies for this site and add the item again.
basket-sum = What you pay, and why
basket-total = Total without delivery
basket-total-note = Delivery depends on the country. Tax is added where prices do not include it.
basket-checkout = Go to checkout
basket-quantity = Quantity of { $title }
items = Items
items-count = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
price-before = Before:
price-each = { $price } each
update = Update
remove = Remove
code = Discount code
code-applied = { $code } applied
add-to-basket = Add to basket
