"""What schemathesis must not send, and how it writes bodies that are not JSON. `attack.py` names this file to it."""

import schemathesis

FILES = ["application/x-ndjson", "text/csv"]


@schemathesis.hook
def filter_headers(context, headers):
    """Blanks around a value are not part of it (RFC 9110, 5.5): a server cannot see that they break a schema."""
    return all(value == value.strip(" \t") for value in (headers or {}).values() if isinstance(value, str))


@schemathesis.hook
def filter_case(context, case):
    """A file is a text in the contract. Another type cannot be sent as one: it would be written as a text."""
    return case.media_type not in FILES or not isinstance(case.body, (type(None), bool, int, float, list, dict))


@schemathesis.serializer("application/x-ndjson")
def write_json_lines(context, value):
    """A file is sent as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
