"""The page of an order on which its listener chooses the minutes, made where a worker is."""

from __future__ import annotations

from dataclasses import dataclass

from kindvoice.build.any_length import Bounds, make_any_length_page
from kindvoice.jobs.ledgers import forget_keys
from kindvoice.jobs.one import ItemTask, failure, task_store, workplace
from kindvoice.jobs.outcome import BUILT, Outcome
from kindvoice.jobs.workers import OnStage


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class PageTask(ItemTask):
    """The item's folder is the page's."""

    bounds: Bounds


def build_page(task: PageTask, on_stage: OnStage = lambda stage, done, of: None) -> Outcome:
    """Never raises for a fault of the item. What was made for the page alone goes from the store when it is there: all
    lengths of everybody would be far too much."""
    item = task.item
    outcome = Outcome(item=item.id, status=BUILT)
    try:
        _, voices = workplace(task.run, task.settings)
        store, _ = task_store(task)
        make_any_length_page(
            item.request, voices, store, bounds=task.bounds,
            on_event=lambda event: on_stage(event.stage, event.done, event.total),
        )  # fmt: skip
        manifest = str(item.request.manifest.absolute())
        forget_keys([store], lambda ledger: ledger.about.get("manifest") == manifest)[2]()
    except Exception as error:  # noqa: BLE001 - it must not stop the others
        outcome = failure(item.id, error)
    return outcome
