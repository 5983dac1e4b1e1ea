"""What happens when a flow fails or crashes: a message through a notification block of Prefect, without a value."""

import os
from typing import Any

SETTING = "CURATE_ALARM"  # the slug of a block, such as slack-webhook/ops or custom-webhook/pager


def alarm(flow: Any, flow_run: Any, state: Any) -> None:
    """Say which run of which flow ended how, through the block that CURATE_ALARM names; without it, say nothing.

    The text of the failure is left out: it is for whoever may see the server, not for a chat.
    """
    from prefect.blocks.core import Block

    if slug := os.environ.get(SETTING):
        block: Any = Block.load(slug)
        block.notify(f"{flow.name}: run {flow_run.name} ended as {state.type.value}.", f"radcurate: {flow.name}")
