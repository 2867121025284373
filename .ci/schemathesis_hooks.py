"""What schemathesis must not send. `attack.py` names this file to it."""

import schemathesis


@schemathesis.hook
def filter_headers(context, headers):
    """Blanks around a value are not part of it (RFC 9110, 5.5): a server cannot see that they break a schema."""
    return all(value == value.strip(" \t") for value in (headers or {}).values() if isinstance(value, str))
