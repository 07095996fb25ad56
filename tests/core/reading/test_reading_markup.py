"""Web pages and Markdown."""

from __future__ import annotations

import pytest

from ipmd.core.reading import ReadingError, read

PAGE = """<!doctype html>
<html lang="fr"><head><title>Rapport de la réunion</title><style>p{color:red}</style><script>alert(1)</script></head>
<body><header><nav><a href="/">Accueil</a> <a href="/x">Menu</a></nav></header>
<main>
<h1>Rapport   de la
réunion</h1>
<p>La réunion a recommandé<sup>1</sup> que les gouvernements&nbsp;:</p>
<ol type="a"><li>partagent les données&nbsp;;</li><li><p>forment les agents&nbsp;:</p><ul><li>au nord</li><li>au sud</li></ul></li></ol>
<p lang="en">The meeting <b>agreed</b> to<br>meet again.</p>
<table><tr><th>Action</th><th>Qui</th></tr><tr><td>Publier les coûts</td><td>OIM</td></tr></table>
<p hidden>caché</p><p style="display: none">caché aussi</p>
<div class="footnotes"><p>1 Note de bas de page.</p></div>
</main><footer>© site</footer></body></html>"""


def test_page(shown):
    document = read(PAGE.encode(), "rapport.html")
    assert shown(document) == [
        ("heading", "Rapport de la réunion"),
        ("paragraph", "La réunion a recommandé 1 que les gouvernements :"),
        ("list_item", "a. partagent les données ;"),
        ("list_item", "b. forment les agents :"),
        ("list_item", "au nord"),
        ("list_item", "au sud"),
        ("paragraph", "The meeting agreed to meet again."),
        ("table_row", "Action\tQui"),
        ("table_row", "Publier les coûts\tOIM"),
        ("footnote", "1 Note de bas de page."),
    ]
    assert [p.lead_in for p in document.passages] == [None, None, 1, 1, 3, 3, None, None, None, None]
    assert [p.number for p in document.passages[2:5]] == ["a.", "b.", None]
    assert document.passages[6].language == "en"
    assert (document.language, document.title) == ("fr", "Rapport de la réunion")


def test_list_that_starts_elsewhere(shown):
    html = b'<ol start="7"><li>seven<li value="12">twelve<li>thirteen</ol>'
    assert [t for _, t in shown(read(html, "a.html"))] == ["7. seven", "12. twelve", "13. thirteen"]


def test_table_that_only_lays_out_the_page(shown):
    html = b"<table role=presentation><tr><td><p>Left text.</p></td><td><p>Right text.</p></td></tr></table>"
    assert shown(read(html, "a.html")) == [("paragraph", "Left text."), ("paragraph", "Right text.")]


def test_declared_encoding_is_heeded(shown):
    html = "<meta charset=windows-1252><p>Réunion à Genève — été</p>".encode("cp1252")
    assert shown(read(html, "a.html")) == [("paragraph", "Réunion à Genève — été")]


def test_page_nested_deeper_than_any_stack(shown):
    html = b"<div>" * 20_000 + b"<p>Deep down.</p>"
    assert "Deep down." in read(html, "a.html").text


def test_page_without_words():
    with pytest.raises(ReadingError) as refused:
        read(b"<html><body><img src=x></body></html>", "a.html")
    assert refused.value.code == "no_text"


def test_markdown(shown):
    source = """---
title: "Second meeting"
---

Report
======

Some *text* here[^1] that goes
on in **the next** line, see [the site](https://example.org).

## 1. Recommendations

The meeting recommended that Governments:

3. share data;
4. train officials:
   - in the north,
   - in the south.

| Action | Owner |
|---|---|
| Publish costs | IOM |

<p>Markup <em>inside</em>.</p>

[^1]: A note.
"""
    document = read(source.encode(), "report.md")
    assert shown(document) == [
        ("heading", "Report"),
        ("paragraph", "Some text here 1 that goes on in the next line, see the site."),
        ("heading", "1. Recommendations"),
        ("paragraph", "The meeting recommended that Governments:"),
        ("list_item", "3. share data;"),
        ("list_item", "4. train officials:"),
        ("list_item", "in the north,"),
        ("list_item", "in the south."),
        ("table_row", "Action\tOwner"),
        ("table_row", "Publish costs\tIOM"),
        ("paragraph", "Markup inside."),
        ("footnote", "1 A note."),
    ]
    assert [p.lead_in for p in document.passages[4:8]] == [3, 3, 5, 5]
    assert document.title == "Second meeting"
    assert document.passages[4].heading_path == ("Report", "1. Recommendations")
