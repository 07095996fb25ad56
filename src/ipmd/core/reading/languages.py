"""The language of each passage.

The script settles Chinese, Arabic and Russian. For the others, function words settle most passages in microseconds; lingua
decides where they do not. Passages too short to say take the language of their surroundings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es", "de", "it", "pt", "nl")
"""ISO 639-1 codes told apart: the United Nations' six, and neighbours that would otherwise be taken for one of them."""


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "the of and to in that is for with on by are be was were as at this which from its their has have had not or an should "
        "will would been it who they"
    ),
    "fr": _words(
        "le la les des du de et en un une dans pour par sur que qui au aux est sont avec ce cette ces ses leur leurs été ont "
        "nous à il ne pas plus ainsi"
    ),
    "es": _words(
        "el la los las de del y en un una para por con que se su sus al es son como más entre esta este estos ha han lo no "
        "sobre así fue nos"
    ),
    "de": _words(
        "der die das und in den von zu mit ist für auf des dem nicht ein eine als auch sich werden wird im sind bei oder zur zum einer"
    ),
    "it": _words(
        "il la di e che in un una per con del della dei delle le gli è sono al alla da nel nella si come più non ed anche degli dal"
    ),
    "pt": _words("o a os as de do da dos das e em um uma para por com que se no na nos nas ao à é são como mais seu sua não foi pela pelo"),
    "nl": _words("de het een en van in op te dat is voor met zijn aan niet die door ook worden bij wordt als naar uit om of deze"),
}
_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_NON_LATIN = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u3400-\u9fff]")
_MIN_LETTERS = 24
_LINGUA_LETTERS = 60


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    chosen = [language for language in Language.all() if language.iso_code_639_1.name.lower() in LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*chosen).with_low_accuracy_mode().build()


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language of `text` (its first 400 characters), or None where that can't be said."""
    head = text[:400]
    if _NON_LATIN.search(head):
        letters = max(1, sum(c.isalpha() for c in head))
        if len(_HAN.findall(head)) * 4 > letters:
            return "zh"
        if len(_ARABIC.findall(head)) * 2 > letters:
            return "ar"
        if len(_CYRILLIC.findall(head)) * 2 > letters:
            return "ru"
    if len(head) < _MIN_LETTERS:
        return None
    words = set(_WORD.findall(head.lower()))
    if not words:
        return None
    scored = sorted(((len(words & known), code) for code, known in _FUNCTION_WORDS.items()), reverse=True)
    (best, code), (second, _) = scored[0], scored[1]
    if best >= 3 and best >= 1.5 * second and best * 8 >= len(words):
        return code
    if sum(map(len, words)) < _LINGUA_LETTERS:
        return code if best >= 2 and second == 0 else None
    guess = _detector().compute_language_confidence_values(head)[0]
    return guess.language.iso_code_639_1.name.lower() if guess.value >= 0.75 else None


def languages_of(texts: Sequence[tuple[str, str | None]], hint: str | None = None) -> tuple[list[str | None], str | None]:
    """Language of each (text, language stated by the format or None), and of the whole by weight of characters."""
    found: list[str | None] = []
    weights: Counter[str] = Counter()
    for text, stated in texts:
        language = stated or language_of(text)
        found.append(language)
        if language:
            weights[language] += len(text)
    main = max(sorted(weights), key=lambda code: weights[code]) if weights else hint
    for index in range(len(found) - 2, -1, -1):
        # A short heading or lead-in speaks the language of what it introduces.
        if found[index] is None and len(texts[index][0]) < _MIN_LETTERS * 4:
            found[index] = found[index + 1]
    previous = main
    for index, language in enumerate(found):
        if language is None:
            found[index] = previous
        else:
            previous = language
    return found, main
