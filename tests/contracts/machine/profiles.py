"""How long machines run: quickly, or with MESG_LONG=1 thousands of times."""

import os

from hypothesis import HealthCheck, settings

# Below ten examples Hypothesis spends none of them on small ones or on variations of the last one: many
# short rounds meet more than one long round. Rounds are numbered, so that each can be had again.
settings.register_profile(
    "market-quick",
    max_examples=9,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "market-long", settings.get_profile("market-quick"), stateful_step_count=80
)
LONG = int(os.environ.get("MESG_LONG", "0"))
"""Another number makes other runs."""
PROFILE = settings.get_profile("market-long" if LONG else "market-quick")
ROUNDS = range(LONG * 1_000_000, LONG * 1_000_000 + 250) if LONG else range(10)
