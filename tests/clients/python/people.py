"""Lets the published Python client, used as it is, enable a login, log in and change the password, and prints what it
saw."""

import json
import os
import sys

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import KalturaSessionType, KalturaUser, KalturaUserFilter

PARTNER = int(os.environ["KS_TEST_PARTNER"])
SECRET = os.environ["KS_TEST_ADMIN_SECRET"]
EMAIL = "carol@example.com"
FIRST = "a long enough secret"
SECOND = "another long secret"


def connect(ks=None):
    config = KalturaConfiguration()
    config.serviceUrl = os.environ["KS_TEST_URL"]
    client = KalturaClient(config)
    if ks is not None:
        client.setKs(ks)
    return client


def refusal(call):
    try:
        return {"answer": repr(call())}
    except KalturaException as error:
        return error.code


def main():
    seen = {}
    anonymous = connect()
    admin = connect(anonymous.session.start(SECRET, "root", KalturaSessionType.ADMIN, PARTNER))
    user = KalturaUser()
    user.id, user.firstName, user.lastName, user.tags = "carol", "Carol", "Jones", "a,b"
    added = admin.user.add(user)
    seen["added"] = [type(added).__name__, added.id, added.fullName, added.tags, added.loginEnabled]
    enabled = admin.user.enableLogin("carol", EMAIL, FIRST)
    seen["enabled"] = [enabled.loginEnabled, enabled.email]

    ks = anonymous.user.loginByLoginId(EMAIL, FIRST)
    carol = connect(ks)
    seen["own"] = carol.user.get().id
    seen["other"] = refusal(lambda: carol.user.get("root"))
    anonymous.user.updateLoginData(EMAIL, FIRST, "", SECOND)
    seen["old session"] = refusal(carol.user.get)
    seen["old password"] = refusal(lambda: anonymous.user.loginByLoginId(EMAIL, FIRST))
    seen["new session"] = connect(anonymous.user.loginByLoginId(EMAIL, SECOND)).user.get().id
    seen["by id"] = connect(anonymous.user.login(PARTNER, "carol", SECOND)).user.get().id

    where = KalturaUserFilter()
    where.idEqual = "carol"
    listed = admin.user.list(where)
    seen["listed"] = [listed.totalCount, listed.objects[0].id, listed.objects[0].isAdmin]
    seen["reset"] = repr(anonymous.user.resetPassword("nobody@example.com"))
    admin.user.delete("carol")
    seen["deleted"] = refusal(lambda: anonymous.user.loginByLoginId(EMAIL, SECOND))
    json.dump(seen, sys.stdout)


main()
