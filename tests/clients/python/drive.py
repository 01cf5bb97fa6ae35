"""Drives the published Python client, used as it is, against the server in KS_TEST_URL, and prints what it saw.

The client is `KalturaApiClient` of the Python package index.
"""

import json
import os
import sys

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import KalturaSessionType

URL = os.environ["KS_TEST_URL"]
PARTNER = int(os.environ["KS_TEST_PARTNER"])
ADMIN_SECRET = os.environ["KS_TEST_ADMIN_SECRET"]
USER_SECRET = os.environ["KS_TEST_USER_SECRET"]


def connect(ks=None):
    config = KalturaConfiguration()
    config.serviceUrl = URL
    client = KalturaClient(config)
    if ks is not None:
        client.setKs(ks)
    return client


def refusal(call):
    try:
        return {"answer": repr(call())}
    except KalturaException as error:
        return {"code": error.code, "message": error.message}


def info(answer):
    return {
        "class": type(answer).__name__,
        "partnerId": answer.partnerId,
        "userId": answer.userId,
        "sessionType": answer.sessionType.value if hasattr(answer.sessionType, "value") else answer.sessionType,
        "privileges": answer.privileges,
        "expiry": answer.expiry,
    }


def local(generate):
    """A token that the client mints itself, handed on as it comes (bytes)."""
    token = generate(ADMIN_SECRET, "local user & co", KalturaSessionType.ADMIN, PARTNER, 3600, "edit:0_abc,list:*")
    client = connect(token)
    answer = info(client.session.get())
    client.session.end()
    return {"info": answer, "after end": refusal(client.session.get)}


def main():
    seen = {}
    anonymous = connect()
    seen["ping"] = anonymous.system.ping()
    seen["time"] = anonymous.system.getTime()

    ks = anonymous.session.start(ADMIN_SECRET, "alice", KalturaSessionType.ADMIN, PARTNER, 3600, "edit:0_abc,list:*")
    seen["start"] = ks
    client = connect(ks)
    seen["get"] = info(client.session.get())
    seen["get by token"] = info(client.session.get(ks))
    seen["end"] = repr(client.session.end())
    seen["after end"] = refusal(client.session.get)

    seen["user start"] = info(
        connect(anonymous.session.start(ADMIN_SECRET, "root", KalturaSessionType.ADMIN, PARTNER)).session.get(
            anonymous.session.start(USER_SECRET, "bob", KalturaSessionType.USER, PARTNER)
        )
    )
    seen["wrong secret"] = refusal(
        lambda: anonymous.session.start("no-such-secret", "", KalturaSessionType.ADMIN, PARTNER)
    )
    seen["broken ks"] = refusal(connect("nonsense").system.ping)

    # Three at once: the second speaks with the session of the first, the third uses what the second found.
    multi = connect()
    multi.startMultiRequest()
    first = multi.session.start(ADMIN_SECRET, "multi", KalturaSessionType.ADMIN, PARTNER, 3600, "")
    multi.setKs(first)
    second = multi.session.get()
    multi.session.start(ADMIN_SECRET, second.userId, KalturaSessionType.USER, PARTNER, 3600, "")
    answers = multi.doMultiRequest()
    root = connect(anonymous.session.start(ADMIN_SECRET, "root", KalturaSessionType.ADMIN, PARTNER))
    seen["multi"] = {
        "count": len(answers),
        "second": info(answers[1]),
        "third": info(root.session.get(answers[2])),
    }

    mixed = connect()
    mixed.startMultiRequest()
    mixed.system.ping()
    mixed.session.start("no-such-secret", "", KalturaSessionType.ADMIN, PARTNER)
    mixed.system.ping()
    ping, error, again = mixed.doMultiRequest()
    seen["mixed"] = [repr(ping), getattr(error, "code", repr(error)), repr(again)]

    seen["version 1"] = local(KalturaClient.generateSession)
    seen["version 2"] = local(KalturaClient.generateSessionV2)
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
