"""Attacks a running Souk by its own contract: two customers who must not see each other's things, and every operation
with whatever fits its schema, or does not.

    target/venv/bin/python .ci/attack.py http://localhost:3000 --seconds 180 --seed 1

First everything that Alice has is asked for, changed and ordered by Bob, by each name of hers that an operation takes.
Then schemathesis sends what `.ci/schemathesis.toml` says. Ends with status 1 on a finding: an answer of 5xx, an answer
that `/openapi.json` does not have, or something of another's. Needs a fresh stack with its demo accounts, of which
nothing useful is left, and schemathesis (`pip install --requirement .ci/requirements.txt`).
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import time
import uuid

import hypothesis
import requests
import schemathesis

HERE = pathlib.Path(__file__).resolve().parent
# What schemathesis is told, and where it leaves what it found.
FOLDER = HERE.parent / "target/attack"
ROLES = ["courier", "merchant", "support", "admin"]
SKU = "LAMP-FOLD-RED"
PASSWORD = "a harbour of paper boats"
# A token holds for ten minutes, and roles that are changed meanwhile must not count.
LONGEST = 540
# Tries of one operation with one of Alice's names.
TRIES = 20


class Caller:
    """Somebody with a session."""

    def __init__(self, url, email, password=PASSWORD):
        self.url = url
        session = self.send("POST", "/v1/sessions", {"email": email, "password": password})
        self.user, self.token = session["user"]["id"], f"Bearer {session['accessToken']}"

    def send(self, method, path, body=None):
        headers = {"idempotency-key": str(uuid.uuid4()), "authorization": getattr(self, "token", None)}
        answer = requests.request(method, self.url + path, headers=headers, json=body, timeout=15)
        if not answer.ok:
            sys.exit(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def get(self, path):
        return self.send("GET", path)


def customer(url, name):
    email = f"{name}-{uuid.uuid4().hex}@souk.example"
    registration = {"email": email, "password": PASSWORD, "name": name}
    requests.post(f"{url}/v1/users", json=registration, timeout=15).raise_for_status()
    return Caller(url, email)


class Things:
    """What a customer has after a purchase, by the names that operations have for it."""

    def __init__(self, owner, name):
        self.owner = owner
        # Stands in everything personal that is theirs, and nowhere else.
        self.mark = f"{name} {uuid.uuid4().hex}"
        self.address = address = {
            "name": self.mark,
            "line1": "12 St James Square",
            "city": "London",
            "postcode": "SW1Y 4JH",
            "country": "GB",
        }
        # Fields of bodies of which hardly anything that their schemas allow is taken.
        self.fields = {"address": address, "amount": {"amount": 1, "currency": "EUR"}, "paymentMethod": "pm_card_visa"}
        book = owner.send("POST", "/v1/me/addresses", {"address": address})
        wallet = owner.send("POST", "/v1/me/payment-methods", {"reference": "pm_card_visa"})
        ordered, cart = self.cart(), self.cart()
        quote = owner.send("POST", f"/v1/carts/{ordered}/quote")["quote"]
        order = owner.send("POST", "/v1/orders", {"quote": quote, "paymentMethod": "pm_card_visa"})["id"]
        self.names = {
            "addressId": book["id"],
            "cartId": cart,
            "customerId": owner.user,
            "from": self.cart(),
            "orderId": order,
            "paymentId": order.replace("ord_", "pay_"),
            "paymentMethodId": wallet["id"],
            "quote": owner.send("POST", f"/v1/carts/{cart}/quote")["quote"],
            "shipmentId": order.replace("ord_", "shp_"),
            "userId": owner.user,
        }
        until(lambda: owner.get(f"/v1/orders/{order}")["status"] == "confirmed")
        until(lambda: owner.get(f"/v1/shipments?orderId={order}")["items"])

    def cart(self):
        cart = self.owner.send("POST", "/v1/carts", {"currency": "EUR"})["id"]
        self.owner.send("PUT", f"/v1/carts/{cart}/items/{SKU}", {"quantity": 1})
        self.owner.send("PUT", f"/v1/carts/{cart}/shipping", {"option": "standard", "address": self.address})
        return cart

    def seen(self):
        """All of it, as its owner sees it."""
        one = "carts/{cartId} carts/{from} orders/{orderId} orders/{orderId}/history"
        one += " payments/{paymentId} shipments/{shipmentId}"
        paths = [*one.format(**self.names).split(), "me", "me/addresses", "me/payment-methods", "orders"]
        return {path: self.owner.get(f"/v1/{path}") for path in paths}

    def are_in(self, answer):
        """Which of them an answer tells; what was asked for it may repeat."""
        try:
            told = answer.json()
        except ValueError:
            return []
        if isinstance(told, dict):
            told.pop("instance", None)
        told = json.dumps(told)
        return [text for text in {self.mark, *self.names.values()} if text in told]


def until(done):
    deadline = time.monotonic() + 30
    while not done():
        if time.monotonic() > deadline:
            sys.exit("a purchase does not get on")
        time.sleep(0.05)


def places(document, operation):
    """The names that an operation takes: in the path, in the query, or as a field of the body."""
    for parameter in operation.get("parameters", []):
        yield parameter["name"], parameter["in"]
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    if "$ref" in body:
        body = document["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]
    for name in body.get("properties", {}):
        yield name, "body"


def strangers(url, document, hers, his):
    """Bob tries every operation with each of Alice's names, the others being his own: what he should not have got.

    An answer shows nothing if the request had another mistake. So where the name is in the path, nothing must once have
    been found there, or he refused; where it is in query or body, the same request with his own must once tell him of it.
    What is absent from his own collection counts as deleted (204): at the end, hers must be as before.
    """
    before, findings, tried = hers.seen(), unknown(document, hers), 0
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            # A page knows its visitor by a cookie and not by a token: the tests in a browser try those.
            if path.startswith("/v1/pages/"):
                continue
            # `from` of a query is a time.
            named = [(name, place) for name, place in places(document, operation) if name in hers.names]
            named = [at for at in named if at != ("from", "query")]
            for name, place in named:
                statuses, own, could = collections.Counter(), collections.Counter(), False
                what = f"{method.upper()} {path} with Alice's {name}"
                for control, answer in attempts(schema[path][method.upper()], named, name, hers, his):
                    statuses[answer.status_code] += 1
                    absent = method == "delete" and path.startswith("/v1/me/") and answer.status_code == 204
                    if place == "path":
                        could |= absent or answer.status_code in {403, 404}
                    else:
                        own[control.status_code] += 1
                        could |= control.status_code < 300 and bool(his.are_in(control))
                    if told := hers.are_in(answer):
                        findings.append(f"{what} tells Bob {told}: {answer.text}")
                    got = place != "query" and answer.status_code < 400 and not absent
                    if answer.status_code >= 500 or got:
                        findings.append(f"{what} answers Bob {answer.status_code}: {answer.text}")
                if not could:
                    findings.append(f"{what} was never asked for in a way that could succeed")
                tried += 1
                print(f"{what}: {listed(statuses)}" + (f"; with his own: {listed(own)}" if own else ""))
    after = hers.seen()
    findings += [f"Bob changed /v1/{path}" for path in before if after[path] != before[path]]
    print(f"Bob tried {tried} names of Alice's: {len(findings)} findings")
    return findings


def unknown(document, things):
    """The names that no operation takes any more, so that nothing would be tried with them."""
    taken = {
        name
        for methods in document["paths"].values()
        for operation in methods.values()
        for name, _ in places(document, operation)
    }
    return [f"no operation takes {name}" for name in sorted({*things.names, *things.fields} - taken)]


def listed(statuses):
    return ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))


def attempts(operation, named, name, hers, his):
    """Answers to Bob's requests, valid but for one name that is Alice's. Before each, where the name is not in the path,
    the answer to the same request with his own."""
    answers = []

    @hypothesis.settings(
        max_examples=TRIES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def attempt(case):
        control = None if dict(named)[name] == "path" else send(case, his.names)
        answers.append((control, send(case, {**his.names, name: hers.names[name]})))

    def send(case, names):
        for own, place in named:
            part = {"path": case.path_parameters, "query": case.query, "body": case.body}[place]
            part[own] = names[own]
        if isinstance(case.body, dict):
            case.body.update({field: his.fields[field] for field in case.body.keys() & his.fields})
        return case.call(headers={"authorization": his.owner.token, "idempotency-key": str(uuid.uuid4())})

    attempt()
    return answers


def generated(url, callers, there, seconds, seed):
    """Sends what schemathesis makes of the contract, every other time to what is there: its exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    auth = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": caller.token}]}
        for name, caller in callers.items()
    ]
    (FOLDER / "callers.json").write_text(json.dumps({"auth": auth}))
    settings = (HERE / "schemathesis.toml").read_text()
    for name, value in there.items():
        settings += f'[dictionaries."{name}"]\nvalues = [{json.dumps(value)}]\n'
    settings += "[parameters]\n"
    for name in there:
        settings += f'"{name}" = {{ dictionary = "{name}", probability = 0.5 }}\n'
    (FOLDER / "schemathesis.toml").write_text(settings)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
        *("--seed", str(seed), "--max-time", str(seconds), "--no-color"),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}
    return subprocess.run(command, cwd=FOLDER, env=environment, check=False).returncode


def known(document, things):
    """What there is, by place and name: `path.cartId`."""
    values = {**things.names, "code": "WELCOME10", "country": "GB", "option": "standard", "sku": SKU}
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    taken = {(place, name) for operation in operations for name, place in places(document, operation)}
    found = {f"{place}.{name}": values[name] for place, name in sorted(taken) if name in values}
    return {**found, "body.address.country": "GB"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("url")
    parser.add_argument("--seconds", type=int, default=180, help=f"how long, at most {LONGEST}")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.seconds > LONGEST:
        sys.exit(f"at most {LONGEST} seconds: tokens expire; run it again with another seed")
    url = arguments.url.rstrip("/")
    callers = {name: customer(url, name) for name in ("alice", "bob")}
    hers, his = Things(callers["alice"], "Alice"), Things(callers["bob"], "Bob")
    document = requests.get(f"{url}/openapi.json", timeout=15).json()
    findings = strangers(url, document, hers, his)
    for finding in findings:
        print(finding)
    callers |= {role: Caller(url, f"{role}@souk.example", "souk-demo-password") for role in ROLES}
    status = generated(url, callers, known(document, hers), arguments.seconds, arguments.seed)
    sys.exit(bool(findings) or status)


if __name__ == "__main__":
    main()
