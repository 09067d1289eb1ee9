"""Exploring a program: it is run once for each call that it makes and each way in which that call can fail. It is judged by what nobody has
to write: it still does its work, the tables are as without a fault, and no verdict of the audit fails.

What belongs here: which calls there are (`points`), how they can fail (`kinds`, `suitable_points`), what runs (`runs`), what of a run is
compared (`masking`, `differences`), how a run is judged (`run_outcomes`, `findings`), which runs are made (`plan`, `exploring`), and how
the result is shown (`formats`). What a fault does is said in the scenario language, and done by the emulator.
"""
