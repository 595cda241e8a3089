"""The environment, good and bad, and what becomes of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from connection.environment import Environment
from connection.settings import Settings, SettingsError, check, load

PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"


def settings(real: Mapping[str, str], dotenv: Mapping[str, str] | None = None) -> Settings:
    return check(Environment(real, dotenv or {}))


def problems(real: Mapping[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings(real)
    return caught.value.problems


def test_nothing_set_is_the_stacks_own_server_and_the_tutorials_names() -> None:
    found = settings({})
    assert found.connect == {"target_host": "localhost:7233", "namespace": "default"}
    assert (found.address, found.namespace, found.task_queue) == ("localhost:7233", "default", "my-task-queue")
    assert found.ui_url == "http://localhost:8233"
    assert (found.grace_seconds, found.activity_slots, found.log_level, found.log_format) == (20, 100, "INFO", "text")


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_an_empty_or_blank_variable_is_an_unset_one(blank: str) -> None:
    from connection.variables import DEFAULTS

    assert settings(dict.fromkeys(DEFAULTS, blank)) == settings({})


@pytest.mark.parametrize(
    ("environment", "field", "value"),
    [
        ({"TEMPORAL_ADDRESS": " temporal.example:7233\n"}, "address", "temporal.example:7233"),
        ({"TEMPORAL_ADDRESS": "[::1]:7233"}, "address", "[::1]:7233"),
        ({"SERVER_PORT": "17233"}, "address", "localhost:17233"),
        ({"UI_PORT": "18233"}, "ui_url", "http://localhost:18233"),
        ({"TEMPORAL_UI_URL": "https://ui.example/temporal/"}, "ui_url", "https://ui.example/temporal"),
        ({"TEMPORAL_UI_URL": "off"}, "ui_url", None),
        ({"TEMPORAL_SERVER": "remote", "TEMPORAL_ADDRESS": "x:1"}, "ui_url", None),
        ({"TEMPORAL_NAMESPACE": "mine"}, "namespace", "mine"),
        ({"LOG_LEVEL": "debug"}, "log_level", "DEBUG"),
        ({"LOG_FORMAT": "json"}, "log_format", "json"),
        ({"TEMPORAL_ADDRESS": "elsewhere:7233"}, "ui_url", None),
        ({"TEMPORAL_ADDRESS": "127.0.0.1:7233"}, "ui_url", "http://localhost:8233"),
        ({"TEMPORAL_ADDRESS": "server:7233", "UI_PORT": "1"}, "ui_url", "http://localhost:1"),
        ({"WORKER_GRACE_SECONDS": "0"}, "grace_seconds", 0),
    ],
)
def test_a_good_value_is_taken(environment: dict[str, str], field: str, value: object) -> None:
    assert getattr(settings(environment), field) == value


@pytest.mark.parametrize(
    ("environment", "tls"),
    [
        ({}, None),
        *(({"TEMPORAL_TLS": yes}, True) for yes in ("true", "1", "yes", "on", "TRUE")),
        *(({"TEMPORAL_TLS": no, "TEMPORAL_API_KEY": "k"}, False) for no in ("false", "0", "no", "off", "False")),
        ({"TEMPORAL_API_KEY": "k"}, True),
    ],
)
def test_tls_is_what_was_said_or_follows_from_an_api_key(environment: dict[str, str], tls: bool | None) -> None:
    found = settings(environment).connect.get("tls")
    assert (bool(found) if found is not None else None) is tls


@pytest.mark.parametrize(
    ("environment", "compressed"),
    [
        ({}, False),
        ({"TEMPORAL_ADDRESS": "server:7233"}, False),
        ({"TEMPORAL_ADDRESS": "temporal.example.com:7233"}, True),
        ({"TEMPORAL_ADDRESS": "localhost:7233", "TEMPORAL_SERVER": "remote"}, True),
        ({"TEMPORAL_ADDRESS": "temporal.example.com:7233", "TEMPORAL_COMPRESSION": "off"}, False),
        ({"TEMPORAL_COMPRESSION": "on"}, True),
    ],
    ids=str,
)
def test_calls_are_compressed_unless_the_server_is_near(environment: dict[str, str], compressed: bool) -> None:
    assert settings(environment).compression is compressed


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TEMPORAL_ADDRESS": "localhost"}, "TEMPORAL_ADDRESS is 'localhost': no port; write localhost:7233"),
        ({"TEMPORAL_ADDRESS": "http://localhost:7233"}, "leave out http://, write host:port"),
        ({"TEMPORAL_ADDRESS": ":7233"}, "no host; write localhost:7233"),
        ({"TEMPORAL_ADDRESS": "localhost:port"}, "the port must be a number from 1 to 65535"),
        ({"TEMPORAL_ADDRESS": "localhost:70000"}, "the port must be a number from 1 to 65535"),
        ({"TEMPORAL_ADDRESS": "::1:7233"}, "in brackets"),
        ({"TEMPORAL_ADDRESS": "local host:7233"}, "write host:port, like localhost:7233"),
        ({"TEMPORAL_ADDRESS": "user@host:7233"}, "write host:port"),
        ({"TEMPORAL_ADDRESS": "host/path:7233"}, "write host:port"),
        ({"TEMPORAL_SERVER": "remote"}, "TEMPORAL_ADDRESS is not set: TEMPORAL_SERVER=remote needs"),
        ({"TEMPORAL_SERVER": "cloud"}, "TEMPORAL_SERVER is 'cloud': it must be one of dev, remote"),
        ({"TEMPORAL_TLS": "maybe"}, "TEMPORAL_TLS is 'maybe': it must be true or false"),
        ({"TEMPORAL_UI_URL": "localhost:8233"}, "it must be a web address like http://localhost:8233, or off"),
        ({"SERVER_PORT": "0"}, "SERVER_PORT is '0': it must be a whole number from 1 to 65535"),
        ({"WORKER_GRACE_SECONDS": "20s"}, "WORKER_GRACE_SECONDS is '20s': it must be a whole number from 0 to 86400"),
        ({"WORKER_ACTIVITY_SLOTS": "0"}, "WORKER_ACTIVITY_SLOTS is '0': it must be a whole number from 1 to 10000"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud': it must be one of DEBUG, INFO, WARNING, ERROR"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml': it must be one of text, json"),
        ({"TEMPORAL_ADRESS": "x:1"}, "TEMPORAL_ADRESS is no variable of this stack; did you mean TEMPORAL_ADDRESS?"),
        ({"TEMPORAL_SERVER": "DEV"}, "TEMPORAL_SERVER is 'DEV': it must be one of dev, remote"),
        ({"LOG_FORMAT": "JSON"}, "LOG_FORMAT is 'JSON': it must be one of text, json"),
        ({"SERVER_PROT": "1"}, "did you mean SERVER_PORT?"),
        ({"WORKER_REPLICA": "1"}, "did you mean WORKER_REPLICAS?"),
        ({"TEMPORAL_TASKQUEUE": "q"}, "did you mean TEMPORAL_TASK_QUEUE?"),
        ({"TEMPORAL_API_KEY_FILE": "/none"}, "TEMPORAL_API_KEY_FILE is '/none': there is no such file"),
        ({"TEMPORAL_API_KEY_FILE": "/etc"}, "TEMPORAL_API_KEY_FILE is '/etc': that is a directory, not a file"),
        ({"TEMPORAL_API_KEY_FILE": "/dev/null"}, "TEMPORAL_API_KEY_FILE is '/dev/null': the file is empty"),
        ({"TEMPORAL_API_KEY_FILE": "x", "TEMPORAL_API_KEY": "y"}, "are both set: keep one, better the file"),
        ({"TEMPORAL_API_KEY": "two words"}, "TEMPORAL_API_KEY holds spaces"),
        ({"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/none"}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH is '/none': there is no such file"),
        ({"TEMPORAL_TLS_SERVER_CA_CERT_DATA": "x"}, "TEMPORAL_TLS_SERVER_CA_CERT_DATA is no PEM text"),
        (
            {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/etc/hosts", "TEMPORAL_TLS_SERVER_CA_CERT_DATA": PEM},
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_CA_CERT_DATA are both set: keep one",
        ),
        ({"TEMPORAL_TLS_CLIENT_CERT_DATA": PEM}, "TEMPORAL_TLS_CLIENT_KEY_PATH: a client certificate needs both"),
        ({"TEMPORAL_TLS_CLIENT_KEY_DATA": PEM}, "TEMPORAL_TLS_CLIENT_CERT_PATH: a client certificate needs both"),
        ({"TEMPORAL_CONFIG_FILE": "/none"}, "TEMPORAL_CONFIG_FILE is '/none': there is no such file"),
        ({"TEMPORAL_PROFILE": "none"}, "TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE cannot be used"),
    ],
)
def test_a_bad_value_is_one_line_that_names_it(environment: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    (problem,) = problems(environment)
    assert says in problem
    assert "\n" not in problem


def test_all_problems_come_at_once() -> None:
    assert len(problems({"TEMPORAL_ADDRESS": "x", "LOG_LEVEL": "y", "SERVER_PORT": "z", "TEMPORAL_NAMESPCE": "n"})) == 4


def test_a_secret_is_neither_in_an_error_nor_in_the_settings_text() -> None:
    assert not any("hush hush" in problem for problem in problems({"TEMPORAL_API_KEY": "hush hush"}))
    assert "hush" not in repr(settings({"TEMPORAL_API_KEY": "hush", "TEMPORAL_GRPC_META_AUTHORIZATION": "hush"}))


def test_variables_of_other_tools_are_let_be() -> None:
    assert settings(
        {"TEMPORAL_CLI_SHOW_STACKS": "1", "TEMPORAL_CODEC_ENDPOINT": "x", "SERVER_NAME": "y", "DATABASE_URL": "z"}
    ) == settings({})


def test_headers_go_along() -> None:
    assert settings({"TEMPORAL_GRPC_META_MY_HEADER": "v"}).connect["rpc_metadata"] == {"my-header": "v"}


def test_a_key_from_a_file_is_trimmed(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret-key\r\n", encoding="utf-8")
    assert settings({"TEMPORAL_API_KEY_FILE": str(tmp_path / "key")}).connect["api_key"] == "secret-key"


def test_a_key_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff")
    (problem,) = problems({"TEMPORAL_API_KEY_FILE": str(tmp_path / "key")})
    assert "it cannot be read as text" in problem


def test_certificates_are_not_looked_at_while_tls_is_off() -> None:
    connect = settings({"TEMPORAL_TLS": "false", "TEMPORAL_TLS_SERVER_CA_CERT_PATH": "/elsewhere"}).connect
    assert connect.get("tls") is False


def test_the_real_environment_wins_over_dotenv_and_an_empty_one_hides_it() -> None:
    dotenv = {"TEMPORAL_NAMESPACE": "dotenv", "TEMPORAL_TASK_QUEUE": "dotenv"}
    found = settings({"TEMPORAL_NAMESPACE": "real", "TEMPORAL_TASK_QUEUE": ""}, dotenv)
    assert (found.namespace, found.task_queue) == ("real", "my-task-queue")
    assert settings({}, dotenv).namespace == "dotenv"


def test_where_a_value_came_from_is_known() -> None:
    environment = Environment({"TEMPORAL_NAMESPACE": "real"}, {"LOG_LEVEL": "INFO"})
    names = ("TEMPORAL_NAMESPACE", "LOG_LEVEL", "LOG_FORMAT")
    assert [environment.source(name) for name in names] == ["environment", ".env", "default"]


def test_dotenv_is_the_checkouts_from_any_folder_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "docker-compose.yml").touch()
    (tmp_path / ".env").write_text("TEMPORAL_NAMESPACE=found\nTEMPORAL_API_KEY='a${HOME}b'\nTEMPORAL_TLS=\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "deep" / "er")
    found = load()
    assert (found.namespace, found.connect["api_key"]) == ("found", "a${HOME}b")


def test_dotenv_is_not_another_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TEMPORAL_NAMESPACE=stray\n", encoding="utf-8")
    (tmp_path / "checkout" / "services").mkdir(parents=True)
    (tmp_path / "checkout" / "docker-compose.yml").touch()
    monkeypatch.chdir(tmp_path / "checkout" / "services")
    assert load().namespace == "default"


def test_a_line_of_dotenv_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# fine\nLOG_LEVEL=INFO\nthis is no setting\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"\.env, line 3: 'this is no setting'\.\.\. is no NAME=value; mend or remove it"):
        load()


def test_a_dotenv_that_is_no_text_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8 text"):
        load()


def test_a_temporal_toml_counts_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".config" / "temporalio" / "temporal.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[profile.default]\nnamespace = "leaked"\n[profile.mine]\naddress = "toml:1"\nnamespace = "asked"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings({}).namespace == "default"
    asked = settings({"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "mine"})
    assert (asked.address, asked.namespace) == ("toml:1", "asked")
    assert settings({"TEMPORAL_PROFILE": "mine", "TEMPORAL_NAMESPACE": "over"}).namespace == "over"
