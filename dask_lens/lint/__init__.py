"""Files judged without running them: what ``dask lens check`` does between its door and its exit.

``settings`` what the user wants, ``files`` which files, ``checking`` one file, ``fixes`` its
rewrites, ``store`` writing it, ``text``, ``machines`` and ``sarif`` what is printed.
"""
