"""Buys something with the client that is generated from docs/openapi.json: `buy.py http://localhost:3000`.

The client is the package `souk_client` in the folder that PYTHONPATH names.
"""

import sys
import time
import uuid

from souk_client import AuthenticatedClient, Client
from souk_client.api.catalog import list_products
from souk_client.api.checkout import create_cart, create_quote, list_shipping_options, put_item, set_shipping
from souk_client.api.orders import get_order, place_order
from souk_client.api.users import create_guest
from souk_client.models import (
    Address,
    CreateCart,
    Currency,
    OrderStatus,
    PlaceOrder,
    Problem,
    PutItemBody,
    SetShippingBody,
)

SKU = "LAMP-FOLD-RED"


def made(reply):
    """A reply that is not a problem."""
    if reply is None or isinstance(reply, Problem):
        sys.exit(f"a problem: {reply}")
    return reply


def key():
    return str(uuid.uuid4())


def main(url):
    anyone = Client(base_url=url)
    products = made(list_products.sync(client=anyone, limit=100))
    currencies = {price.currency for product in products.items for variant in product.variants for price in variant.prices}
    assert {Currency.EUR, Currency.GBP} <= currencies, currencies

    token = made(create_guest.sync(client=anyone)).access_token
    guest = AuthenticatedClient(base_url=url, token=token)
    cart = made(create_cart.sync(client=guest, body=CreateCart(currency=Currency.EUR), idempotency_key=key()))
    made(put_item.sync(cart.id, SKU, client=guest, body=PutItemBody(quantity=1)))
    options = made(list_shipping_options.sync(cart.id, client=guest, country="GB"))
    address = Address(
        name="Ada Lovelace", line1="12 St James Square", city="London", postcode="SW1Y 4JH", country="GB"
    )
    shipping = SetShippingBody(address=address, option=options.items[0].id)
    made(set_shipping.sync(cart.id, client=guest, body=shipping))
    quote = made(create_quote.sync(cart.id, client=guest))

    # A wrong quantity is a problem that the client knows by its type.
    wrong = put_item.sync(cart.id, SKU, client=guest, body=PutItemBody(quantity=0))
    assert isinstance(wrong, Problem) and wrong.type_ == "/problems/invalid-input", wrong

    order = PlaceOrder(quote=quote.quote, payment_method="pm_card_visa")
    order = made(place_order.sync(client=guest, body=order, idempotency_key=key()))
    deadline = time.monotonic() + 30
    while order.status != OrderStatus.CONFIRMED:
        if time.monotonic() > deadline:
            sys.exit(f"the order stays {order.status}")
        time.sleep(0.05)
        order = made(get_order.sync(order.id, client=guest))
    total = order.totals.total
    print(f"Python: {order.id} is {order.status}: {total.amount} {total.currency}")


if __name__ == "__main__":
    main(sys.argv[1])
