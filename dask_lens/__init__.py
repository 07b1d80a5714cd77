"""Dask Lens names parallelism mistakes in Dask notebooks, and rewrites them."""
