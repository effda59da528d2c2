from pathlib import Path

import pytest

from conftest import Lignee
from lignee import settings, terminal
from lignee.errors import SettingError


def test_defaults_bind_to_this_machine_only() -> None:
    assert settings.read({}, {}).host == "127.0.0.1"


def test_variable_sets_a_setting() -> None:
    assert settings.read({}, {"LIGNEE_PORT": "8123"}).port == 8123


def test_flag_wins_over_variable() -> None:
    assert settings.read({"port": "8124"}, {"LIGNEE_PORT": "8123"}).port == 8124


def test_flag_not_given_leaves_the_variable_in_force() -> None:
    assert settings.read({"port": None}, {"LIGNEE_PORT": "8123"}).port == 8123


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"LIGNEE_PROT": "1"}, "LIGNEE_PROT is not a setting; `lignee settings` lists"),
        ({"LIGNEE_PORT": "many"}, "LIGNEE_PORT is 'many'; it must be a whole number"),
        ({"LIGNEE_PORT": "70000"}, "LIGNEE_PORT is 70000; it must be between 1 and 65535"),
        ({"LIGNEE_TIMEOUT_SECONDS": "nan"}, "LIGNEE_TIMEOUT_SECONDS is nan"),
        ({"LIGNEE_MEMORY_STORE_MAX_QUADS": "-1"}, "it must be 0 or more"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_setting_is_named_with_its_remedy(environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError, match="LIGNEE_") as refusal:
        settings.read({}, environment)
    assert message in str(refusal.value)


def test_where_tests_find_their_inputs_is_no_setting() -> None:
    settings.read({}, {"LIGNEE_SHARED": "/somewhere"})


def test_another_process_reads_the_same_settings() -> None:
    chosen = settings.read({"port": "8125", "kg": "elsewhere"}, {})
    assert settings.read({}, settings.environment_of(chosen)) == chosen


def test_every_setting_says_what_it_means() -> None:
    assert all(row.meaning and row.variable for row in settings.table())


def test_secret_has_no_flag_and_is_never_shown(lignee: Lignee) -> None:
    environment = {"LIGNEE_ENGINE_PASSWORD": "open sesame", "LIGNEE_ENGINE_TOKEN": "abracadabra"}
    shown = lignee("settings", env=environment | {"COLUMNS": "300"}).stdout
    for text in (shown, repr(settings.read({}, environment)), terminal.settings_markdown()):
        assert "engine_password" in text.lower()
        assert "sesame" not in text
        assert "abracadabra" not in text
    assert "--engine-password" not in shown


def test_folder_not_given_is_the_empty_path() -> None:
    assert settings.read({}, {}).kg == Path()
