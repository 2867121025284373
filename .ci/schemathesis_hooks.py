"""What schemathesis must not send, and how it writes bodies that are not JSON. `attack.py` names this file to it."""

import json

import schemathesis


@schemathesis.hook
def filter_headers(context, headers):
    """Blanks around a value are not part of it (RFC 9110, 5.5): a server cannot see that they break a schema."""
    return all(value == value.strip(" \t") for value in (headers or {}).values() if isinstance(value, str))


@schemathesis.serializer("application/x-ndjson")
def write_json_lines(context, value):
    """The contract has a file of JSON lines as a text, which is sent as it is. What else is generated is one line."""
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")
