"""Timing comparisons: the same code under several schedulers, or several ways to write it.

``arguments`` what was asked for;  ``variant`` what is compared;  ``effects`` what a cell would
do outside itself;  ``workload`` a cell run apart from the user's names;  ``environment`` pools
and clusters, opened and closed;  ``fresh`` keys that no cluster knows;  ``meters`` what a run
takes beside time;  ``engine`` rounds in a fair order;  ``alarm`` the end of the time set;
``equality`` whether the results agree;  ``statistics`` what the times tell;  ``comparison`` the
outcome;  ``columns`` its tables;  ``sent`` how it travels.
"""
