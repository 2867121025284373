"""What schemathesis must not send. `attack.py` names this file to it."""

import schemathesis


@schemathesis.hook
def filter_headers(context, headers):
    """Blanks around a value are not part of it (RFC 9110, 5.5): a server cannot see that they break a schema."""
    return all(value == value.strip(" \t") for value in (headers or {}).values() if isinstance(value, str))


@schemathesis.hook
def filter_body(context, body):
    """Numbers within a billionth of a shorter one: serde_json may read them as that one, unless its feature
    `float_roundtrip` is on, so a limit is not seen to be missed by so little."""
    return not any(isinstance(number, float) and 0 < abs(number - round(number, 6)) < 1e-9 for number in leaves(body))


def leaves(value):
    """Everything in a JSON value that is neither an object nor an array."""
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    else:
        yield value
