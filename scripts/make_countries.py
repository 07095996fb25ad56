"""Write the country list: ISO 3166-1 codes (pycountry) with short names in the six UN languages (CLDR, by Babel).

uv run --no-project --with babel==2.18.0 --with pycountry==26.2.16 python scripts/make_countries.py

Both libraries are needed only to make the file. The codes decide who is listed, so that territories CLDR adds for its own
purposes (regions of the world, exceptional reservations) stay out. Names are CLDR's short ones.
"""

import csv
import sys
from pathlib import Path

import pycountry
from babel import Locale

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
TARGET = Path(__file__).parent.parent / "src/ipmd/apps/directory/data/countries.csv"


def rows() -> list[list[str]]:
    """One row a country, by alpha-2 code: the three codes, then the names in the order of `LANGUAGES`."""
    names = {language: Locale(language).territories for language in LANGUAGES}
    return [
        [country.alpha_2, country.alpha_3, country.numeric] + [names[language][country.alpha_2].replace("’", "'") for language in LANGUAGES]
        for country in sorted(pycountry.countries, key=lambda country: country.alpha_2)
    ]


def main() -> None:
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["alpha2", "alpha3", "numeric", *(f"name_{language}" for language in LANGUAGES)])
        writer.writerows(rows())
    sys.stdout.write(f"{TARGET}: {len(rows())} countries\n")


if __name__ == "__main__":
    main()
