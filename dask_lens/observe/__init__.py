"""How we know what happened: the only code that touches a live Dask or a live kernel.

Each module opens by naming the process it runs in.
"""
