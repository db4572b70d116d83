"""How settings come in, and what is said when one is wrong."""

import pytest
from pydantic import ValidationError

from shared.settings import (
    PROGRAMS,
    ApiSettings,
    EmbeddedSettings,
    FetcherSettings,
    SchedulerSettings,
    SimulatorSettings,
    XSettings,
    load,
)
from tests.servers.programs import SECRET_KEYS


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Start where there is no .env, with the one setting that has no default."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROOST_SECRET_KEYS", SECRET_KEYS)


@pytest.mark.parametrize(
    "program", [ApiSettings, EmbeddedSettings, FetcherSettings, SchedulerSettings, SimulatorSettings]
)
def test_every_program_starts_without_any_other_variable(program):
    assert load(program) == program()


def test_a_variable_is_the_settings_name_in_capitals(monkeypatch):
    monkeypatch.setenv("ROOST_PORT", "9000")

    assert load(ApiSettings).port == 9000


def test_an_empty_variable_is_no_variable(monkeypatch):
    monkeypatch.setenv("ROOST_PORT", "")

    assert load(ApiSettings).port == 8080


def test_a_setting_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("redis://:pw@127.0.0.1:1/0\n")
    monkeypatch.setenv("ROOST_REDIS_URL_FILE", str(tmp_path / "url"))

    assert load(ApiSettings).redis_url.get_secret_value() == "redis://:pw@127.0.0.1:1/0"


def test_the_variable_wins_over_its_file(monkeypatch, tmp_path):
    (tmp_path / "port").write_text("1")
    monkeypatch.setenv("ROOST_PORT_FILE", str(tmp_path / "port"))
    monkeypatch.setenv("ROOST_PORT", "2")

    assert load(ApiSettings).port == 2


def test_the_environment_wins_over_the_env_file(monkeypatch, tmp_path):
    monkeypatch.setenv("ROOST_STALE_SECONDS", "1")
    monkeypatch.setenv("ROOST_SESSION_DAYS", "")
    monkeypatch.delenv("ROOST_SESSION_DAYS")
    (tmp_path / ".env").write_text("ROOST_STALE_SECONDS=2\nROOST_SESSION_DAYS=3\n")

    settings = load(ApiSettings)

    assert (settings.stale_seconds, settings.session_days) == (1, 3)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ROOST_PORT", "abc", "ROOST_PORT: Input should be a valid integer"),
        ("ROOST_PORT", "70000", "(given '70000')"),
        ("ROOST_LOG_FORMAT", "xml", "ROOST_LOG_FORMAT: "),
        ("ROOST_X_API_URL", "api.x.com", "ROOST_X_API_URL: begins with http:// or https://"),
        ("ROOST_X_CONSUMER_KEY", "key", "ROOST_X_CONSUMER_SECRET: missing"),
        ("ROOST_X_CONSUMER_SECRET_FILE", "/nowhere", "ROOST_X_CONSUMER_SECRET_FILE: No such file"),
    ],
)
def test_a_fault_is_one_line_that_names_the_variable(name, value, said, monkeypatch, capsys):
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as exit_:
        load(ApiSettings)

    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert exit_.value.code == 2


def test_the_scheduler_stops_claiming_long_before_rabbitmq_drops(monkeypatch, capsys):
    monkeypatch.setenv("ROOST_QUEUE_MAX_MESSAGES", "10001")

    with pytest.raises(SystemExit):
        load(SchedulerSettings)

    assert "ROOST_QUEUE_MAX_MESSAGES" in capsys.readouterr().err


def test_every_fault_is_said_at_once(monkeypatch, capsys):
    monkeypatch.setenv("ROOST_PORT", "0")
    monkeypatch.setenv("ROOST_SESSION_DAYS", "none")

    with pytest.raises(SystemExit):
        load(ApiSettings)

    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "ROOST_PORT",
        "ROOST_SESSION_DAYS",
    ]


def test_a_wrong_secret_is_not_repeated(monkeypatch, capsys):
    monkeypatch.setenv("ROOST_REDIS_URL", "http://:hunter2@127.0.0.1")

    with pytest.raises(SystemExit):
        load(ApiSettings)

    said = capsys.readouterr().err
    assert said.startswith("ROOST_REDIS_URL: ")
    assert "hunter2" not in said


def test_a_misspelled_variable_is_named_and_stops_nothing(monkeypatch, capsys):
    monkeypatch.setenv("ROOST_PROT", "1")
    monkeypatch.setenv("ROOST_TEST_REDIS_URL", "redis://127.0.0.1:1")

    load(ApiSettings)

    assert capsys.readouterr().err == "ROOST_PROT: no setting has this name; did you mean ROOST_PORT?\n"


def test_settings_do_not_change():
    settings = ApiSettings()

    with pytest.raises(ValidationError):
        settings.port = 1


def test_a_setting_that_does_not_exist_cannot_be_given():
    with pytest.raises(ValidationError):
        ApiSettings(prot=1)


def test_secrets_are_not_in_the_repr():
    settings = XSettings(x_consumer_key="key", x_consumer_secret="hunter2")

    assert "hunter2" not in repr(settings)


def test_every_setting_says_why_its_default_is_what_it_is():
    fields = {name: field for program in PROGRAMS for name, field in program.model_fields.items()}

    assert [name for name, field in fields.items() if len(field.description or "") < 30] == []
