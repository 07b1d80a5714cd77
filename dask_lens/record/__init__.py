"""What happened, as frozen data: a :class:`~dask_lens.record.run.Run` and its parts.

Standard library only. Times are float seconds since the epoch (``time.time``), so that
stamps made in other processes and on other machines can be laid side by side.
"""
