"""A county's database is opened by its URL alone; a driver that is not there is named as pip wants to read it."""

import importlib.util

import pytest
import sqlalchemy as sa

from adapters.local.sources.columns import look
from adapters.local.sources.engines import engine_for
from adapters.local.sources.served import drivers
from schemas.errors import YunhuobanError


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("mariadb://hall@db/cases", "pymysql"),
        ("mysql://hall@db/cases", "pymysql"),
        ("postgresql://hall@db/cases", "psycopg"),
    ],
)
def test_a_url_needs_no_driver(url, driver):
    """Who writes only the kind of database gets the driver that is installed here; nothing is opened."""
    assert engine_for(url).dialect.driver == driver


@pytest.mark.parametrize(
    ("url", "packages"),
    [
        ("oracle://hall@db/cases", "oracledb"),
        ("oracle+oracledb://hall@db/cases", "oracledb"),
        ("dm+dmPython://hall@db:5236", "dmPython dmSQLAlchemy"),
        ("dm://hall@db:5236", "dmPython dmSQLAlchemy"),
    ],
)
def test_a_missing_driver_is_named(url, packages):
    """Oracle and 达梦 are reached by URL; without the driver the error says what to install."""
    assert importlib.util.find_spec("oracledb") is importlib.util.find_spec("dmPython") is None
    with pytest.raises(YunhuobanError) as failed:
        engine_for(url)
    assert failed.value.code.code == "E-SRC-015"
    assert failed.value.params["packages"] == packages
    assert "hall@" not in f"{failed.value} {failed.value.found}"


def test_the_driver_that_is_an_extra():
    """PostgreSQL's driver is an extra: who has not installed it is told the same way."""
    missing = drivers.missing(sa.make_url("postgresql+psycopg://hall@db/cases"))
    assert missing is not None
    assert missing.expected == "'psycopg[binary]'"


def test_a_database_that_nobody_knows():
    """Another name is a wrong URL, as before."""
    with pytest.raises(YunhuobanError) as failed:
        engine_for("access://hall")
    assert failed.value.code.code == "E-SRC-011"


@pytest.mark.parametrize("address", ["sftp://hall@files/out", "http://hall/api", "https://hall/api"])
def test_what_suggest_and_new_do_not_look_at(address):
    """An address that a node reads but nobody can look at beforehand is no wrong database URL: the way out is told."""
    with pytest.raises(YunhuobanError) as failed:
        look(address)
    assert failed.value.code.code == "E-SRC-003"
