"""The faults, one file each: a small class whose fields are the keys of the language that it takes, the first of them the one that it
is for. It says itself when it applies and what it draws; what may stand under its keys is said in the table of `emulator.scenario.fault`.

An effect adds its part to the decision; it decides nothing and keeps no state. Files are found by looking into this folder,
so no other file names them.
"""
