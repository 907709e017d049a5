"""Networks of our own in place of published ones, as a user may have them."""

import pytest

from livescape.networks import store
from livescape.networks.pins import accept_files, check_files


@pytest.fixture
def own_networks(monkeypatch):
    """Accept whatever lies in a model's folder each time it is opened, as its owner would."""

    def accepted(card, folder):
        accept_files(card, folder)
        check_files(card, folder)

    monkeypatch.setattr(store, "check_files", accepted)
