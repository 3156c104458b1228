"""What an operator may set: one frozen Config, or a list of every mistake in it."""

from mesg.node.config.home import Home, home_from
from mesg.node.config.load import ConfigInvalid, LoadedConfig, load_config
from mesg.node.config.model import Config

__all__ = ["Config", "ConfigInvalid", "Home", "LoadedConfig", "home_from", "load_config"]
