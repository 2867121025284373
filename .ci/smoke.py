"""The shortest journey that touches every service's API: a guest looks around a running Souk, and buys nothing.

    smoke.py https://staging.souk.example

Leaves a guest and an empty cart behind. Standard library only.
"""

import json
import sys
import urllib.error
import urllib.request
import uuid


def call(method, url, token=None, body=None):
    headers = {"accept": "application/json", "idempotency-key": str(uuid.uuid4())}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if body is not None:
        headers["content-type"] = "application/json"
        body = json.dumps(body).encode()
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, None


def main(base):
    def expect(status, method, path, token=None, body=None):
        seen, answer = call(method, base.rstrip("/") + path, token, body)
        print(f"{method} {path}: {seen}")
        if seen != status:
            sys.exit(f"{method} {path} answered {seen} and not {status}")
        return answer

    expect(200, "GET", "/.well-known/jwks.json")
    expect(401, "GET", "/v1/orders")
    token = expect(201, "POST", "/v1/guests", body={})["accessToken"]
    expect(200, "GET", "/v1/products", token)
    expect(404, "GET", "/v1/stock/NO-SUCH-SKU", token)
    cart = expect(201, "POST", "/v1/carts", token, {"currency": "EUR"})
    expect(200, "GET", f"/v1/carts/{cart['id']}", token)
    expect(200, "GET", "/v1/orders", token)
    expect(404, "GET", f"/v1/payments/pay_{uuid.UUID(int=0).hex}", token)
    expect(404, "GET", f"/v1/shipments/shp_{uuid.UUID(int=0).hex}", token)


if __name__ == "__main__":
    main(sys.argv[1])
