"""The same generated requests to this emulator and to others, and what they answer differently.

The others are black boxes: installed as their users install them, asked over HTTP, never read. What they say decides nothing:
AWS's documentation and the live service do, and `decisions.yaml` keeps what they decided, with the evidence.
"""
