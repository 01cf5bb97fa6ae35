"""Lets the published Python client, used as it is, ask for a category that seems to be missing, then with the cure, and
prints what it saw."""

import json
import os
import sys

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import KalturaSessionType

PARTNER = int(os.environ["KS_TEST_PARTNER"])
SECRET = os.environ["KS_TEST_ADMIN_SECRET"]
CATEGORY = int(os.environ["KS_TEST_CATEGORY"])


def ask(privileges):
    config = KalturaConfiguration()
    config.serviceUrl = os.environ["KS_TEST_URL"]
    client = KalturaClient(config)
    client.setKs(client.session.start(SECRET, "me", KalturaSessionType.ADMIN, PARTNER, 3600, privileges))
    try:
        found = client.category.get(CATEGORY)
        return [type(found).__name__, found.id, found.name]
    except KalturaException as error:
        return [error.code, error.message]


json.dump({"missing": ask(""), "cured": ask("all:*,disableentitlement")}, sys.stdout)
