"""What is logged, and that no credential ever is."""

import json
import logging

import pytest
import structlog
from pydantic import SecretStr

from shared.log import configure
from shared.settings import LogSettings

CREDENTIAL = "AAAAcredential-of-somebody"


JSON = LogSettings(log_format="json")


@pytest.fixture(autouse=True)
def _logging_is_put_back():
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_an_event_is_one_line_of_json(capsys):
    configure(JSON)
    structlog.get_logger().info("poll", account_id="1", added=3)

    line = json.loads(capsys.readouterr().out)
    assert line.pop("at").endswith("Z")
    assert line == {"event": "poll", "level": "info", "account_id": "1", "added": 3}


@pytest.mark.parametrize(
    "fields",
    [
        {"access_token": CREDENTIAL},
        {"x_consumer_secret": SecretStr(CREDENTIAL)},
        {"settings": SecretStr(CREDENTIAL)},
        {"headers": {"Authorization": f"Bearer {CREDENTIAL}"}},
        {"headers": [("authorization", f"OAuth oauth_token={CREDENTIAL}")]},
        {"headers": [("authorization", CREDENTIAL)]},
        {"headers": [(b"authorization", f"Bearer {CREDENTIAL}".encode())]},
        {"text": f"sent Bearer {CREDENTIAL}"},
        {"url": f"amqp://roost:{CREDENTIAL}@127.0.0.1:5672/"},
        {"rows": [{"deep": {"token_secret": CREDENTIAL}}]},
        {"body": CREDENTIAL.encode()},
        {"fault": ValueError(f"redis://:{CREDENTIAL}@127.0.0.1 does not answer")},
    ],
)
def test_a_credential_does_not_come_out(fields, capsys):
    configure(JSON)
    structlog.get_logger().warning("request", **fields)

    out = capsys.readouterr().out
    assert "request" in out
    assert CREDENTIAL not in out


def test_a_credential_in_a_traceback_does_not_come_out(capsys):
    configure(JSON)
    try:
        int(f"redis://:{CREDENTIAL}@127.0.0.1")
    except ValueError:
        structlog.get_logger().exception("fault")

    out = capsys.readouterr().out
    assert "ValueError" in out
    assert CREDENTIAL not in out


def test_libraries_are_heard_from_warnings_up(capsys):
    configure(JSON)
    logging.getLogger("pika").info("connecting")
    logging.getLogger("pika").warning("lost amqp://roost:%s@127.0.0.1/", CREDENTIAL)

    line = json.loads(capsys.readouterr().out)
    assert line["logger"] == "pika"
    assert line["event"] == "lost amqp://***@127.0.0.1/"


def test_what_is_less_serious_than_the_level_is_not_written(capsys):
    configure(LogSettings(log_level="error", log_format="json"))
    structlog.get_logger().warning("poll")

    assert capsys.readouterr().out == ""


def test_people_get_a_line_they_can_read(capsys):
    configure(LogSettings(log_format="console"))
    structlog.get_logger().info("tick", claimed=2)

    assert "tick" in capsys.readouterr().out
