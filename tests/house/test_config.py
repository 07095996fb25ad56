import pytest

from ipmd.house import config


@pytest.fixture
def environment(monkeypatch):
    def set_to(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return config

    return set_to


def test_defaults_need_nothing_and_are_in_order(environment, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = environment().load()
    assert settings.problems() == []
    assert (settings.port, settings.sample, settings.production, settings.max_document_mb, settings.max_document_pages) == (
        8000,
        True,
        False,
        100,
        3000,
    )


def test_a_value_that_is_no_number_is_named(environment):
    with pytest.raises(config.ConfigError) as refusal:
        environment(IPMD_PORT="eighty").load()
    assert len(refusal.value.problems) == 1
    assert refusal.value.problems[0].startswith("IPMD_PORT:")


def test_production_says_everything_that_is_lacking_at_once(environment, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    problems = environment(IPMD_PRODUCTION="1", IPMD_SAMPLE="1", IPMD_SECRET_KEY="short").load().problems()
    assert [sentence.split(" ")[0] for sentence in problems] == [
        "IPMD_SECRET_KEY",
        "IPMD_ALLOWED_HOSTS",
        "IPMD_URL",
        "IPMD_SMTP_URL",
        "IPMD_SAMPLE",
    ]


def test_the_made_secret_is_kept_and_for_the_owner_only(environment, tmp_path):
    environment(IPMD_DATA=str(tmp_path))
    first, second = config.load(), config.load()
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_secret_is_not_shown_when_settings_are_printed(environment):
    assert "hush" not in repr(environment(IPMD_SECRET_KEY="hush" * 20).load())


def test_nothing_secret_is_in_what_a_log_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("DATABASE_URL", "postgresql://ipmd:hush1@db/ipmd"),
        ("IPMD_SMTP_URL", "smtps://post:hush2@mail.example.org"),
        ("IPMD_SECRET_KEY", "hush3"),
        ("IPMD_LANGUAGE_MODEL_KEY", "hush4"),
    ):
        monkeypatch.setenv(name, value)
    assert "hush" not in repr(config.load())


def test_a_data_folder_that_can_not_be_made_is_named(environment, tmp_path):
    (tmp_path / "file").write_text("in the way")
    (problem,) = environment(IPMD_DATA=str(tmp_path / "file" / "data")).load().problems()
    assert problem.startswith(f"IPMD_DATA: the data folder {tmp_path}/file/data can't be made")
