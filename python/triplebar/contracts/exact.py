"""From a user's number to an exact one.

A float means the decimal that it is printed as: 0.1 means one tenth.
"""

from __future__ import annotations

import numbers
from decimal import Context, Decimal, InvalidOperation

Number = int | float | str | Decimal
"""What is accepted where an exact number is wanted."""

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)

DIGITS_MAX = 60
"""Numbers longer than this are refused: nothing in trading needs them, and they could fill the memory."""

WIDE = Context(prec=200)
"""Wide enough that no product or sum of sensible settings is ever rounded."""


def exact(value: object) -> Decimal:
    """The number as a decimal; `ValueError` if it is not a finite number.

    >>> exact(0.1), exact("1e-3"), exact(5)
    (Decimal('0.1'), Decimal('0.001'), Decimal('5'))
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, str, numbers.Real)):
        raise ValueError(f"{value!r} is not a number")  # noqa: TRY004 - callers promise a ValueError
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    if number and max(abs(number.adjusted()), len(number.as_tuple().digits)) > DIGITS_MAX:
        raise ValueError(f"{value!r} is too large or too fine")
    return number


def decimals(value: Decimal) -> int:
    """How many decimals the number needs.

    >>> decimals(Decimal("0.0500")), decimals(Decimal("1E+3"))
    (2, 0)
    """
    exponent = value.normalize(WIDE).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def scaled(value: Decimal, precision: int) -> Decimal:
    """`value * 10**precision`, without rounding.

    >>> scaled(Decimal("0.25"), 2)
    Decimal('25')
    """
    return WIDE.scaleb(value, precision)


def whole(value: Decimal) -> int | None:
    """The number as an integer if it is one, else None.

    >>> whole(Decimal("25.00")), whole(Decimal("0.5"))
    (25, None)
    """
    return int(value) if value == WIDE.to_integral_value(value) else None


def plain(value: Decimal) -> str:
    """The shortest plain way to write the number, equal for equal numbers.

    >>> plain(Decimal("1.500")), plain(Decimal("1E+3")), plain(Decimal("-0"))
    ('1.5', '1000', '0')
    """
    text = f"{value.normalize(WIDE):f}"
    return "0" if text == "-0" else text
