"""Numbers of lists, as word processors and browsers print them."""

from __future__ import annotations

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
          (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


def roman(value: int) -> str:
    """Small roman numeral of a number from 1 to 3999."""
    out = []
    for worth, letters in _ROMAN:
        while value >= worth:
            out.append(letters)
            value -= worth
    return "".join(out)


def letters(value: int) -> str:
    """a … z, aa, bb … as word processors count (a letter is repeated, not carried)."""
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def format_number(value: int, style: str) -> str:
    """`value` in a numbering style of WordprocessingML (ST_NumberFormat); unknown styles print as decimal."""
    if value < 1 or value > 3999:
        return str(value)
    match style:
        case "lowerRoman":
            return roman(value)
        case "upperRoman":
            return roman(value).upper()
        case "lowerLetter":
            return letters(value)
        case "upperLetter":
            return letters(value).upper()
        case "decimalZero":
            return f"{value:02d}"
    return str(value)
