"""What Dask was asked by a cell, line by line, and what of that matters."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client
from miniature import Notebook
from miniature import one_call as one

from dask_lens.observe import computing
from dask_lens.observe.facts import Facts
from dask_lens.record.variable import Variable
from dask_lens.rule import Finding
from dask_lens.rules import collection_passed_to_submit


def test_a_cell_without_dask_asks_nothing(notebook: Notebook) -> None:
    assert notebook.works("x = [i for i in range(3)]").calls == ()


def test_submits_from_one_line_are_one_call_and_their_keys_are_counted(cells: Notebook) -> None:
    run = cells.works("""
        fs = []
        for i in range(20):
            fs.append(client.submit(abs, -i - 100))
        client.gather(fs)
    """)
    call = one(run, "distributed.Client.submit")
    assert call.place is not None
    assert (call.place.line, call.count) == (3, 20)
    assert (call.facts["keys"], call.facts["repeated"], call.facts["pure"]) == (20, 0, True)
    assert call.facts["function"] == {"name": "abs", "module": "builtins"}
    assert call.time <= call.last
    assert not {"arguments", "collections", "futures", "generators", "lists"} & set(call.facts)


def test_keys_that_exist_already_are_told(cells: Notebook) -> None:
    run = cells.works("fs = [client.submit(abs, -7001) for _ in range(5)]")
    call = one(run, "distributed.Client.submit")
    assert (call.facts["keys"], call.facts["repeated"]) == (5, 4)
    run = cells.works("gs = client.map(abs, [-7001, -7002, -7002])")
    call = one(run, "distributed.Client.map")
    assert (call.facts["keys"], call.facts["repeated"]) == (3, 1)
    again = one(cells.works("gs = client.map(abs, [-7001, -7002, -7002])"), call.name)
    assert (again.facts["keys"], again.facts["repeated"]) == (3, 3)
    run = cells.works("hs = client.map(abs, [-7001] * 4, pure=False)")
    call = one(run, "distributed.Client.map")
    assert (call.facts["keys"], call.facts["repeated"], call.facts["pure"]) == (4, 0, False)


RANDOM = {
    "a method of the module's own generator": ("random.random", ""),
    "a method of a numpy generator": ("rng.normal", ""),
    "a closure over a generator": ("make(rng)", ""),
    "a global generator in a lambda": ("lambda: rng.normal()", ""),
}


@pytest.mark.parametrize("function", [f for f, _ in RANDOM.values()], ids=list(RANDOM))
def test_functions_that_carry_a_generator_say_so(cells: Notebook, function: str) -> None:
    run = cells.works(f"""
        import random
        import numpy as np
        rng = np.random.default_rng(1)
        def make(r):
            return lambda: r.normal()
        fs = [client.submit({function}, pure=False) for _ in range(3)]
    """)
    assert one(run, "distributed.Client.submit").facts["function"]["random"]


def test_a_function_that_uses_a_module_of_random_numbers_carries_none(cells: Notebook) -> None:
    run = cells.works("""
        import random
        import numpy as np
        def draw():
            return random.random() + np.random.normal()
        fs = [client.submit(draw, pure=False) for _ in range(3)]
    """)
    assert "random" not in one(run, "distributed.Client.submit").facts["function"]


def test_a_generator_passed_as_an_argument_is_told(cells: Notebook) -> None:
    run = cells.works("""
        import numpy as np
        rng = np.random.default_rng(1)
        f = client.submit(lambda r: r.normal(), rng)
    """)
    [entry] = one(run, "distributed.Client.submit").facts["generators"]
    assert (entry["argument"], entry["name"]) == ("0", "rng")


def test_what_a_function_captures_is_named_and_measured(cells: Notebook) -> None:
    run = cells.works("""
        import numpy as np
        table = np.zeros(200_000)
        class Model:
            def __init__(self):
                self.weights = np.zeros(300_000)
            def predict(self, x):
                return x
        model = Model()
        def outer(inner):
            return lambda x: inner.sum() + x
        a = client.submit(lambda x: x + table.sum(), 1)
        b = client.submit(outer(table), 1)
        c = client.submit(model.predict, 1)
    """)
    submits = [call for call in run.calls if call.name == "distributed.Client.submit"]
    found = [call.facts["function"].get("captured") for call in submits]
    assert [[(e["where"], e["name"], e["nbytes"]) for e in entries] for entries in found] == [
        [("global", "table", 1_600_000)],
        [("closure", "inner", 1_600_000)],
        [("self", "", 2_400_000)],
    ]
    assert submits[2].facts["function"]["owner"] == "__main__.Model"


def test_large_arguments_are_named_and_added_up(cells: Notebook) -> None:
    run = cells.works("""
        import numpy as np
        big = np.ones(100_000)
        fs = [client.submit(lambda x, i: i, big, i) for i in range(3)]
        gs = client.map(lambda i, data: i, range(4), data=big)
    """)
    submit = one(run, "distributed.Client.submit").facts
    assert submit["arguments"] == [
        {"argument": "0", "name": "big", "type": "numpy.ndarray", "nbytes": 800_000}
    ]
    assert submit["nbytes"] == 3 * 800_000
    assert submit["graph_nbytes"] > 3 * 800_000
    mapped = one(run, "distributed.Client.map").facts
    assert [(e["argument"], e["name"]) for e in mapped["arguments"]] == [("data", "big")]
    assert mapped["nbytes"] == 800_000


def test_lazy_things_passed_to_submit_are_told(cells: Notebook) -> None:
    run = cells.works("""
        import dask
        import dask.array as da
        @dask.delayed
        def train(x):
            return x
        x = da.ones(4, chunks=2)
        a = client.submit(type, x)
        b = client.map(type, [train(1), train(2)])
        c = client.submit(train, 1)
        d = client.submit(type, train)
    """)
    a, b, c, d = (call.facts for call in run.calls if call.name.startswith("distributed.Client"))
    assert [(e["name"], e["type"]) for e in a["collections"]] == [("x", "dask.array.core.Array")]
    assert b["collections"][0]["type"] == "dask.delayed.Delayed"
    assert c["function"]["delayed"] is True
    assert d["delayed"][0]["name"] == "train"
    assert "delayed" not in a
    assert "collections" not in d


def test_modules_whose_functions_are_given_something_lazy_are_read(
    cells: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "def train(x):\n    return abs(x)\n"
    (tmp_path / "lens_models.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    run = cells.works("""
        import dask.array as da
        from lens_models import train
        x = da.ones(4, chunks=2)
        client.submit(train, 1).result()
    """)
    assert run.modules == ()
    run = cells.works("future = client.submit(train, x)\nclient.submit(type, x).result()")
    assert run.modules == (("lens_models", text),)
    known = (Variable("client", "distributed.client.Client"),)
    run = replace(run, cells=tuple(replace(cell, variables=known) for cell in run.cells))
    [found] = [f for f in collection_passed_to_submit.rule.run(run, {}) if isinstance(f, Finding)]
    assert found.place is not None
    assert (found.certainty, found.place.line) == ("seen", 1)
    cells.works("del future, train")
    sys.modules.pop("lens_models")


@dataclass
class Job:
    future: Any


class Slotted:
    __slots__ = ("held",)

    def __init__(self, held: object) -> None:
        self.held = held


def test_futures_that_no_scheduler_sees_are_told_where_they_hide(lone_client: Client) -> None:
    # Not sent: unpickling such a future can end a worker, which is what is wrong with it.
    future = lone_client.submit(abs, -3)
    plain = {"f": future}
    given = [("0", Job(future)), ("1", Slotted([future])), ("2", future), ("3", [future, plain])]
    hidden = Facts().arguments(given, None)["futures"]
    assert [(e["argument"], e["attribute"]) for e in hidden] == [("0", "future"), ("1", "held")]
    _, hidden = Facts().function(lambda: future.key)
    assert [(e["argument"], e["name"]) for e in hidden] == [("function", "closure future")]
    assert Facts().function(abs)[1] == []


def test_delayed_functions_and_what_they_are_given(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask
        import numpy as np
        add = dask.delayed(lambda a, b: a)
        big = np.ones(100_000)
        long = list(range(20_000))
        for i in range(5):
            add(big, i)
        add(add, long)
    """)
    loop, last = (call for call in run.calls if call.name == "dask.delayed")
    assert (loop.count, loop.facts["nbytes"]) == (5, 5 * 800_000)
    assert loop.facts["arguments"][0]["name"] == "big"
    assert last.facts["delayed"][0]["name"] == "add"
    assert [(e["name"], e["length"]) for e in last.facts["lists"]] == [("long", 20_000)]


SCHEDULERS = {
    "the keyword": ("scheduler='threads'", "threads"),
    "another spelling": ("scheduler='single-threaded'", "sync"),
    "the default of delayed": ("", "threads"),
}


@pytest.mark.parametrize(("keyword", "chosen"), SCHEDULERS.values(), ids=list(SCHEDULERS))
def test_who_computes_is_told(notebook: Notebook, keyword: str, chosen: str) -> None:
    run = notebook.works(f"import dask\ndask.delayed(abs)(-1).compute({keyword})")
    call = one(run, "dask.compute")
    assert call.place is not None
    assert (call.place.line, call.facts["scheduler"]) == (2, chosen)
    assert call.facts["collections"][0]["type"] == "dask.delayed.Delayed"
    assert run.computations[0].scheduler == chosen
    assert "asked" not in call.facts


def test_a_client_that_is_bypassed_is_told(cells: Notebook) -> None:
    with cells.variables["client"].as_current():
        run = cells.works("import dask\ndask.delayed(abs)(-1).compute(scheduler='sync')")
        other = cells.works("dask.delayed(abs)(-1).compute()")
    facts = one(run, "dask.compute").facts
    assert (facts["scheduler"], facts["client"], facts["given"]) == ("sync", True, "sync")
    facts = one(other, "dask.compute").facts
    assert (facts["scheduler"], facts["client"]) == ("distributed", True)


def test_the_cell_that_set_the_scheduler_is_told(notebook: Notebook) -> None:
    setting = notebook.works("import dask\n\ndask.config.set(scheduler='sync', chunksize=6)")
    facts = one(setting, "dask.config.set").facts
    assert facts == {"settings": {"scheduler": "sync", "chunksize": 6}, "context": False}
    facts = one(notebook.works("dask.delayed(abs)(-1).compute()"), "dask.compute").facts
    assert (facts["configured"], facts["scheduler"], facts["chunksize"]) == ("sync", "sync", 6)
    assert facts["set_at"] == {"cell": 0, "line": 3}


def test_a_setting_that_is_taken_back_is_told_as_such(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask
        with dask.config.set(scheduler="sync"):
            dask.delayed(abs)(-1).compute()
    """)
    assert one(run, "dask.config.set").facts["context"] is True
    assert "set_at" not in one(run, "dask.compute").facts


def test_what_computes_of_its_own_accord_is_named(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask.array as da
        import dask.bag as db
        x = da.ones((8, 4), chunks=(2, 4))
        bool((x > 0).any())
        items = list(db.from_sequence([1, 2], npartitions=1))
        import numpy as np
        np.asarray(x)
    """)
    asked = [call.facts.get("asked") for call in run.calls if call.name == "dask.compute"]
    assert asked == ["Array.__bool__", "Bag.__iter__", "Array.__array__"]


def test_sizes_are_told_without_computing(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask, dask.array as da, dask.bag as db
        x = da.ones((100, 50), chunks=(30, 50))
        unknown = x[x[:, 0] > 0]
        b = db.from_sequence(range(9), npartitions=3)
        dask.compute(x, unknown, b, scheduler="sync")
    """)
    x, unknown, b = one(run, "dask.compute").facts["collections"]
    assert (x["name"], x["npartitions"], x["nbytes"], x["largest"]) == ("x", 4, 40_000, 12_000)
    assert x["chunks"] == [30, 50]
    assert (unknown["npartitions"], "nbytes" in unknown) == (4, False)
    assert (b["name"], b["npartitions"]) == ("b", 3)


def test_the_chunks_of_what_arrays_are_made_from_are_told(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask, dask.array as da
        x = da.ones((100, 50), chunks=(10, 5))
        y = x.rechunk((100, 50)) + 1
        dask.compute(y.sum(), 1, scheduler="sync")
    """)
    facts = one(run, "dask.compute").facts
    assert (facts["finest"]["npartitions"], facts["finest"]["largest"]) == (100, 400)
    assert facts["finest"]["chunks"] == [10, 5]
    assert (facts["coarsest"]["npartitions"], facts["coarsest"]["largest"]) == (1, 40_000)


def test_nothing_is_told_of_chunks_of_unknown_size(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask, dask.array as da
        x = da.from_delayed(dask.delayed(sum)([1, 2]), shape=(float("nan"),), dtype="i8")
        dask.persist(x + 1, scheduler="sync")
    """)
    assert not {"finest", "coarsest"} & set(one(run, "dask.persist").facts)


def test_partitions_of_tables_are_told_where_that_costs_nothing(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask.dataframe as dd, pandas as pd
        ddf = dd.from_pandas(pd.DataFrame({"a": range(8)}), npartitions=2)
        len(ddf)
        (ddf.a + 1).compute(scheduler="sync")
    """)
    calls = [call for call in run.calls if call.name == "dask.compute"]
    assert [call.facts.get("asked") for call in calls] == ["DataFrame.__len__", None]
    # dask-expr made one partition of them before it asked.
    assert calls[1].facts["collections"][0].get("npartitions", 2) == 2


def test_the_memory_that_is_left_is_told_where_what_is_computed_is_large(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = "import dask.array as da\nx = da.ones(100, chunks=50).compute()"
    assert "memory_left" not in one(notebook.works(cell), "dask.compute").facts
    monkeypatch.setattr(computing, "LARGE", 800)
    left = one(notebook.works(cell), "dask.compute").facts["memory_left"]
    assert 1e6 < left < psutil.virtual_memory().total


def test_a_client_beside_another_is_told(cells: Notebook) -> None:
    run = cells.works("""
        from distributed import Client
        with Client(n_workers=1, processes=False, dashboard_address=":0",
                    set_as_default=False) as second:
            pass
    """)
    facts = one(run, "distributed.Client").facts
    assert (facts["address"], facts["others"], facts["name"]) == ("none", 1, "client")
    assert facts["context"] is True
    run = cells.works("""
        third = Client(client.scheduler.address, set_as_default=False)
        third.close()
    """)
    facts = one(run, "distributed.Client").facts
    assert (facts["address"], facts["context"]) == ("text", False)
