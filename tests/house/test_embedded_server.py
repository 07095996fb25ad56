import psycopg


def test_the_server_sorts_and_counts_characters_as_designed(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT version(), substr('añ☃𝒳z', 4, 1), 'É' < 'f', ipmd_words('fr', 'gouvernements qui recommandaient')")
        version, fourth, accents_first, words = cursor.fetchone()
    assert version.startswith("PostgreSQL 18.")
    assert fourth == "𝒳"
    assert accents_first is False
    assert words == "'gouvern':1 'recommand':3"


def test_several_programs_share_one_server_and_the_last_one_out_stops_it(tmp_path):
    from ipmd.house.postgres import Server, reachable

    first, second = Server(tmp_path), Server(tmp_path)
    first.start()
    second.start()
    assert first.pid() == second.pid()
    first.stop()
    with psycopg.connect(second.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.stop()
    assert not reachable(second.url)
