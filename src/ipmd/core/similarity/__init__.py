"""Same or alike across languages: themes, near-duplicates, differences, verbatim checking, vectors.

Only the thesaurus is imported at once; what needs NumPy or the sentence encoder is imported when first asked for, because the command
line imports this package for `tag_themes` and starts in a blink.
"""

from ipmd.core.similarity.thesaurus import Theme, tag_themes, theme_label, themes

__all__ = ["Theme", "tag_themes", "theme_label", "themes"]
