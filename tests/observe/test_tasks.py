"""Tasks made fast are those that a dataclass would make."""

import copy
import dataclasses
import pickle

import pytest
from dask.utils import key_split

from dask_lens.observe.tasks import make_task, prefix_of, replaced
from dask_lens.record.task import Task

PLAIN = Task("a-1", "a", "tcp://1", 7, 1.0, 2.0, 0.5, 0.1, 28, "int", "memory", ready=0.5)


def fields_of(task):
    return {field.name: getattr(task, field.name) for field in dataclasses.fields(task)}


def test_a_task_made_fast_cannot_be_changed():
    made = make_task(*fields_of(PLAIN).values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.start = 3.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made.start


def test_a_task_made_fast_is_an_ordinary_one():
    made = make_task(*fields_of(PLAIN).values())
    assert type(made) is Task
    assert made == PLAIN
    assert hash(made) == hash(PLAIN)
    assert made.duration == 1.0
    sent = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    assert sent == copy.deepcopy(made) == PLAIN


def test_a_field_that_is_left_out_is_an_error():
    with pytest.raises(TypeError):
        make_task("a")


def test_replacing_leaves_the_task_as_it_was():
    changed = replaced(PLAIN, cpu=0.7)
    assert changed == dataclasses.replace(PLAIN, cpu=0.7)
    assert type(changed) is Task
    assert PLAIN.cpu == 0.5


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "x-1",
        "x-1-2-3",
        "",
        "-",
        "-x",
        "x-",
        "_(x)",
        "inc-17c3f4e6-aaaa-4bbb-8ccc-1234567890ab",
        "inc-abcdefab-aaaa-4bbb-8ccc-1234567890ab",
        "sum-aggregate-0123456789abcdef0123456789abcdef",
        "ae05086432ca935f6eba409a8ecd4896",
        "ae05086432ca935f6eba409a8ecd4896-1",
        "('x-2', 1)",
        "<module.submodule.myclass object at 0xdaf372",
        ("x-2", 1),
        ("sum-aggregate-1f", 0, 0),
        b"hello-world-1",
        7,
    ],
    ids=repr,
)
def test_a_prefix_is_that_of_dask(key):
    assert prefix_of(key) == key_split(key)
