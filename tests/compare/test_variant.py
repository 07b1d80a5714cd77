"""What variants are called, and how what is asked for is read."""

from __future__ import annotations

import pytest

from dask_lens.compare import arguments
from dask_lens.compare.variant import Setting, VariantError, setting, variants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("threads", Setting("threads")),
        ("single-threaded", Setting("sync")),
        ("processes, chunksize=1", Setting("processes", chunksize=1)),
        ("processes,chunksize = 1", Setting("processes", chunksize=1)),
        ("threads, num_workers=3", Setting("threads", workers=3)),
        ("distributed, workers=2, threads_per_worker=4", Setting("distributed", 2, 4)),
    ],
)
def test_a_scheduler_with_options_is_read(text, expected):
    assert setting(text) == expected
    assert setting(expected.name) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gpu", "no scheduler 'gpu'"),
        ("processes, chunksize=-1", "dask/dask#10297"),
        ("processes, chunksize=one", "whole number"),
        ("threads, threads_per_worker=2", "for distributed"),
        ("sync, workers=2", "takes no number"),
        ("distributed, chunksize=2", "for threads and processes"),
        ("threads, speed=2", "no option"),
    ],
)
def test_what_cannot_be_is_said_with_the_way_out(text, told):
    with pytest.raises(VariantError, match=told):
        setting(text)


def test_numbers_of_workers_multiply_the_variants_that_take_them():
    request = arguments.read('sync threads "processes, workers=3" -n 2,4')
    names = [one.name for one in request.settings]
    assert names == ["sync", "threads, workers=2", "threads, workers=4", "processes, workers=3"]


def test_a_curve_is_of_one_scheduler():
    assert arguments.read("distributed --workers 1,2").counts == (1, 2)
    with pytest.raises(arguments.RequestError, match="one scheduler"):
        arguments.read("threads processes --workers 1,2")


@pytest.mark.parametrize("line", ["sync --workers 1,2", "'threads, workers=3' --workers 1,2"])
def test_a_curve_needs_a_scheduler_whose_number_of_workers_is_open(line):
    with pytest.raises(arguments.RequestError, match="takes the number"):
        arguments.read(line)


def test_numbers_named_twice_count_once():
    request = arguments.read("threads --workers 1,1,2")
    assert request.counts == (1, 2)
    assert len(request.settings) == 2


@pytest.mark.parametrize(
    "line", ["--fast", "-r 0", "-r x", "--max-time 0", "-o 1x", "gpu", '"threads', "-n 0"]
)
def test_misuse_is_one_line_that_names_the_magic(line):
    with pytest.raises(arguments.RequestError, match="%%lens_compare") as caught:
        arguments.read(line)
    assert "\n" not in str(caught.value)


def test_help_shows_examples():
    with pytest.raises(arguments.HelpError, match="examples:"):
        arguments.read("--help")


def test_versions_of_the_code_are_named_by_their_name():
    rows = variants(["old", "new"], [Setting()])
    assert [row.name for row in rows] == ["old", "new"]
    rows = variants(["old", "new"], [setting("threads"), setting("sync")])
    assert [row.name for row in rows] == ["old, threads", "old, sync", "new, threads", "new, sync"]
