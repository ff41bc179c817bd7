"""How many SMS segments a text takes (3GPP TS 23.038 §6.2.1, TS 23.040 §9.2.3.24.1).

GSM-7: 160 units in one segment, 153 in each of several; one character outside it makes all of it UCS-2: 70 and 67.
"""

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO_UNITS = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """The number of segments; braces of placeholders count as one unit, since they are never sent."""
    if all(character in GSM7 or character in GSM7_TWO_UNITS for character in text):
        units = sum(2 if character in GSM7_TWO_UNITS - {"{", "}"} else 1 for character in text)
        return 1 if units <= 160 else -(-units // 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)
