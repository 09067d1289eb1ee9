"""The admin API: its routes, who may use it, how it is described, and a client for it."""
