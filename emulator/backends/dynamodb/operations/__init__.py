"""The operations, one file each: what is particular to one of them, on top of what the engine's other modules share.

Every operation is a function of the engine's state and a call, and gives the members of its answer."""
