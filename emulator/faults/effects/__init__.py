"""The faults, one small class each, with the parameters of the language as fields.

An effect adds its part to a draft of the decision; it decides nothing and keeps no state.
"""

from emulator.faults.effects.compiled import CompiledFault, Surroundings, compile_fault
from emulator.faults.effects.effect import Effect
from emulator.faults.effects.page import PageTokens

__all__ = ["CompiledFault", "Effect", "PageTokens", "Surroundings", "compile_fault"]
