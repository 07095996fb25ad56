"""All forms of a verb from its lemma, by a language's table of endings (`verbs.toml`).

A verb written as one lemma can't lack a form: a list that knows "validé" and not "validées" misses decisions. `verbs.toml` holds

- `[endings.<ending of the lemma>]`: endings by form (`finite`, `participle`, `gerund`, `infinitive`); the longest that fits a lemma
  is taken, and `~` before an ending puts it on the verb's second stem ("acordar:acuerd" → "acuerda", "commit:committ" → "committed");
- `[irregular.<lemma>]`: whole forms, by form;
- `[verbs]`: lemmas by sense. A sense gives the classes `<sense>.<form>`, to be used in patterns as `@<sense>.<form>`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

Endings = Mapping[str, Mapping[str, Sequence[str]]]


def inflect(entry: str, endings: Endings, irregular: Endings) -> dict[str, list[str]]:
    """Forms of one verb by name. `entry`: its lemma, or lemma:second stem. Raises `ValueError` where no table fits it."""
    lemma, _, second = entry.partition(":")
    if lemma in irregular:
        return {"infinitive": [lemma]} | {form: list(words) for form, words in irregular[lemma].items()}
    fitting = [ending for ending in endings if lemma.endswith(ending)]
    if not fitting:
        raise ValueError(f"no table of endings fits the verb {lemma!r}")
    ending = max(fitting, key=len)
    stem = lemma.removesuffix(ending)
    out = {"infinitive": [lemma]}
    for form, suffixes in endings[ending].items():
        out[form] = [(second or stem) + suffix[1:] if suffix.startswith("~") else stem + suffix for suffix in suffixes]
    return out


def verb_classes(file: Path) -> dict[str, list[str]]:
    """Word classes `<sense>.<form>` of a `verbs.toml`; none where a language has no such file. Raises `ValueError` naming the file."""
    if not file.exists():
        return {}
    with file.open("rb") as opened:
        data = tomllib.load(opened)
    endings, irregular = data.get("endings", {}), data.get("irregular", {})
    classes: dict[str, list[str]] = {}
    for sense, entries in data.get("verbs", {}).items():
        for entry in entries:
            try:
                made = inflect(entry, endings, irregular)
            except ValueError as error:
                raise ValueError(f"{file}: {error}") from error
            for form, words in made.items():
                classes.setdefault(f"{sense}.{form}", []).extend(words)
    return classes
