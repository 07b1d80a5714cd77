"""Computations drawn by hand whose time on any scheduler is known: naps and spins."""

from __future__ import annotations

from dataclasses import replace

from timelines import computation, task


def naps(count, *, start=0.0, seconds=1.0, name="nap", threads=1, **rest):
    """Draw tasks that slept, as evenly over the threads as can be."""
    tasks = [
        task(
            f"{name}-{i}",
            start + i // threads * seconds,
            start + (i // threads + 1) * seconds,
            thread=i % threads,
            worker=str(i % threads) if rest.get("scheduler") == "processes" else "w",
            cpu=0.0,
        )
        for i in range(count)
    ]
    tasks = [replace(one, prefix=name) for one in tasks]
    stop = start + -(count // -threads) * seconds
    return computation(*tasks, start=start, stop=stop, threads=threads, cores=2, **rest)


def spins(count, threads):
    """Draw tasks that computed in Python, all at once, taking turns."""
    tasks = [task(f"spin-{i}", 0, count, thread=i, cpu=1.0) for i in range(count)]
    return computation(*tasks, stop=count, threads=threads, cores=2, scheduler="threads")
