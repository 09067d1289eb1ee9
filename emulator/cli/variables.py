"""The environment variables that options are taken from, under the names that click makes: DYNAFAULT_SERVE_PORT is serve's --port."""

from __future__ import annotations

import os

import click
from click.core import ParameterSource

PREFIX = "DYNAFAULT"


def variable_names(option: click.Option, context: click.Context) -> list[str]:
    """The variables that the option is taken from, the one that wins first."""
    given = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    made = option.allow_from_autoenv and context.auto_envvar_prefix is not None and option.name is not None
    return [*given, f"{context.auto_envvar_prefix}_{option.name}".upper()] if made else given


def variables_of(context: click.Context, parameter: click.Parameter | None = None) -> list[str]:
    """The variables that options of the command, or this parameter, took their values from."""
    options = [one for one in context.command.params if isinstance(one, click.Option) and parameter in (None, one)]
    # A value that cannot even be split is refused before click notes where it came from
    sources = (ParameterSource.ENVIRONMENT,) if parameter is None else (ParameterSource.ENVIRONMENT, None)
    taken = [one for one in options if context.get_parameter_source(one.name or "") in sources]
    found = [[name for name in variable_names(one, context) if os.environ.get(name)][:1] for one in taken]
    return [name for names in found for name in names]
