"""The operations, one file each or one for a few that belong together. Every operation is a function of the engine's state and a call that
returns the members of its answer, or its outcome; what several operations need is in the modules beside this folder."""
