"""How we know: the only code that touches a live Dask or a live kernel.

Each module opens by saying in which process it runs. Everything here hands over
:mod:`dask_lens.record` values and keeps its own failures to itself.
"""
