"""Likely duplicates: the same across languages, never the same with another figure, negation or addressee."""

import pickle

import numpy as np
import pytest

from ipmd.core.similarity import VECTOR_SIZE, Relation, Sentence, Statement, compare, encode, likely_duplicates

HALVE = Statement("Governments should halve the cost of remittances by 2010.", "en", "recommendation", ("Governments",))


def said(likeness):
    return [str(sentence) for sentence in likeness.why]


def test_numbering_capitals_and_marks_leave_the_words_the_same():
    other = Statement("(b) governments should halve the cost of remittances by 2010", "en", "recommendation", ("the Governments",))
    likeness = compare(HALVE, other)
    assert (likeness.relation, likeness.score, said(likeness)) == (Relation.SAME_WORDS, 1.0, ["the same words"])


def test_another_year_is_another_outcome():
    likeness = compare(HALVE, Statement("Governments should halve the cost of remittances by 2012.", "en"))
    assert likeness.relation is Relation.ALIKE
    assert said(likeness) == ["the same words but for the year", "differs: 2012 instead of 2010"]
    assert not likeness.is_duplicate


def test_a_translation_means_the_same():
    other = Statement("Les gouvernements devraient réduire de moitié le coût des envois de fonds d’ici à 2010.", "fr")
    likeness = compare(HALVE, other)
    assert likeness.relation is Relation.SAME_MEANING
    assert said(likeness) == ["means the same in French (likeness 0.86)"]


def test_a_translation_with_another_year_does_not():
    other = Statement("Les gouvernements devraient réduire de moitié le coût des envois de fonds d’ici à 2012.", "fr")
    likeness = compare(HALVE, other)
    assert likeness.relation is Relation.ALIKE
    assert [str(d) for d in likeness.differences] == ["differs: 2012 instead of 2010"]


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ("States shall detain migrants.", "States shall not detain migrants.", "differs: turned round by “not”"),
        (
            "States should increase the fees charged to workers.",
            "States should reduce the fees charged to workers.",
            "differs: “reduce” instead of “increase”",
        ),
        (
            "The next meeting will be held in Manila in the spring.",
            "The next meeting will be held in Athens in the spring.",
            "differs: Athens instead of Manila",
        ),
        ("The fund pays five countries a year.", "The fund pays 6 countries a year.", "differs: 6 instead of five"),
        ("Fees must stay under 5 per cent of the wage.", "Fees must stay under 3% of the wage.", "differs: 3% instead of 5 per cent"),
        ("Reports are due on 1 May each year, in full.", "Reports are due on 1 June each year, in full.", "differs: June instead of May"),
    ],
)
def test_what_makes_another_outcome_of_it_is_said(one, other, difference):
    likeness = compare(Statement(one, "en"), Statement(other, "en"))
    assert not likeness.is_duplicate
    assert [str(d) for d in likeness.differences] == [difference]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("en", "It raised 2.5 million dollars for twenty-five countries."), ("fr", "2,5 millions de dollars pour 25 pays.")),
        (("en", "The IX Summit, by 12 May 2010, at 5 per cent."), ("es", "La novena Cumbre, para el 12 de mayo de 2010, con el 5 %.")),
        (("en", "1,000 people"), ("fr", "1 000 personnes")),
    ],
)
def test_figures_are_compared_across_ways_of_writing(one, other):
    likeness = compare(Statement(one[1], one[0]), Statement(other[1], other[0]), cosine=0.9)
    assert likeness.differences == ()
    assert likeness.relation is Relation.SAME_MEANING


def test_another_addressee_is_said():
    one = Statement("The meeting invited Governments to share data on migration.", "en", actors=("Governments",))
    other = Statement("The meeting invited IOM to share data on migration.", "en", actors=("IOM",))
    likeness = compare(one, other)
    assert [str(d) for d in likeness.differences] == ["another addressee: IOM instead of Governments"]
    assert not likeness.is_duplicate


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("en", "IOM"), ("fr", "l’OIM"), True),
        (("en", "Governments"), ("es", "los Estados miembros"), True),
        (("en", "the Secretary-General"), ("fr", "le Secrétaire général"), True),
        (("en", "IOM"), ("fr", "les gouvernements"), False),
        (("en", "the heads of state"), ("es", "los jefes de Estado"), True),
        (("en", "mayors of large cities"), ("fr", "les infirmières"), False),
    ],
)
def test_addressees_are_compared_across_languages(one, other, same):
    a = Statement("text", one[0], actors=(one[1],))
    b = Statement("texte", other[0], actors=(other[1],))
    assert (compare(a, b, cosine=0.9).differences == ()) is same


def test_another_kind_is_noted_without_making_them_different():
    likeness = compare(HALVE, Statement(HALVE.text, "en", "decision", ("Governments",)))
    assert likeness.relation is Relation.SAME_WORDS
    assert said(likeness) == ["the same words", "of another kind: decision instead of recommendation"]


def test_likely_duplicates_lists_the_same_first_then_the_alike_and_nothing_else():
    others = [
        Statement("The agenda was adopted.", "en"),
        Statement("Governments should halve the cost of remittances by 2012.", "en"),
        Statement("Los Gobiernos deberían reducir a la mitad el costo de las remesas para 2010.", "es"),
        Statement("Governments should halve the cost of remittances by 2010.", "en"),
        Statement("La séance est levée.", "fr"),
    ]
    found = likely_duplicates(HALVE, others, vectors=encode([other.text for other in others]))
    assert [(likeness.index, likeness.relation) for likeness in found] == [
        (3, Relation.SAME_WORDS),
        (2, Relation.SAME_MEANING),
        (1, Relation.ALIKE),
    ]


def test_likely_duplicates_refuses_vectors_of_other_statements():
    with pytest.raises(ValueError, match="2 statements, but 1 vectors"):
        likely_duplicates(HALVE, [HALVE, HALVE], vectors=np.zeros((1, VECTOR_SIZE), dtype=np.float32))


def test_no_others_no_duplicates():
    assert likely_duplicates(HALVE, [], vectors=np.zeros((0, VECTOR_SIZE), dtype=np.float32)) == []


def test_empty_statements_are_like_nothing():
    assert compare(Statement("", "en"), Statement("", "en")).score == 0.0
    assert compare(HALVE, Statement("", "en")).relation is Relation.DIFFERENT


def test_a_sentence_survives_pickling():
    sentence = Sentence("differs: %(new)s instead of %(old)s", new="1", old="2")
    copy = pickle.loads(pickle.dumps(sentence))
    assert (copy, copy.template, copy.params) == (sentence, sentence.template, sentence.params)
