"""A log that nobody fills: the same error is written a few times a minute, another one beside it in full."""

import logging

import pytest

from dashboard.frame import log
from dashboard.frame.log import RepetitionFilter, bounded_log


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(log.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def logger(clock, caplog):
    repetition, logger = RepetitionFilter(), logging.getLogger("tests.log")
    logger.addFilter(repetition)
    yield logger
    logger.removeFilter(repetition)


def fail(logger, number, divide=True):
    try:
        1 // 0 if divide else [][number]
    except (ZeroDivisionError, IndexError):
        logger.exception("number %d", number)


def test_the_same_is_written_five_times_a_minute_and_counted(logger, caplog, clock):
    for number in range(1286):
        fail(logger, number)
    assert [record.getMessage() for record in caplog.records] == [
        *(f"number {number}" for number in range(4)),
        "number 4 (more like this are left out for a minute)",
    ]
    assert all(record.exc_info is not None for record in caplog.records)
    clock[0] += 61
    fail(logger, 2000)
    fail(logger, 2001)
    assert [record.getMessage() for record in caplog.records[5:]] == [
        "number 2000 (1,281 more like this were left out before)",
        "number 2001",
    ]


def test_another_error_is_written_in_full_beside_it(logger, caplog):
    for number in range(100):
        fail(logger, number)
    fail(logger, 7, divide=False)
    logger.warning("another line")
    assert [record.getMessage() for record in caplog.records[5:]] == ["number 7", "another line"]
    assert caplog.records[5].exc_info[0] is IndexError


def test_places_are_forgotten_in_time(logger, monkeypatch):
    monkeypatch.setattr(log, "_PLACES", 3)
    (repetition,) = logger.filters
    for line in range(10):
        assert repetition.filter(logging.LogRecord("a", logging.WARNING, "a.py", line, "%s", ("a",), None))
    assert len(repetition._counts) == 3


def test_every_writer_is_bounded_while_the_server_runs():
    with bounded_log():
        writers = [*logging.lastResort.filters], [*logging.root.filters]
    assert all(any(isinstance(one, RepetitionFilter) for one in each) for each in writers)
    assert not any(isinstance(one, RepetitionFilter) for one in logging.lastResort.filters)
