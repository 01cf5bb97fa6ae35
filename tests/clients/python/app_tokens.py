"""From a widget's session to an administrator's with an app token, by the published Python client, used as it is.

The client is `KalturaApiClient` of the Python package index.
"""

import hashlib
import json
import os
import sys

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import KalturaAppToken, KalturaAppTokenHashType, KalturaSessionType

URL = os.environ["KS_TEST_URL"]
PARTNER = int(os.environ["KS_TEST_PARTNER"])
ADMIN_SECRET = os.environ["KS_TEST_ADMIN_SECRET"]

HASHES = {
    KalturaAppTokenHashType.MD5: hashlib.md5,
    KalturaAppTokenHashType.SHA1: hashlib.sha1,
    KalturaAppTokenHashType.SHA256: hashlib.sha256,
    KalturaAppTokenHashType.SHA512: hashlib.sha512,
}


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


def main():
    seen = {}
    root = connect(connect().session.start(ADMIN_SECRET, "root", KalturaSessionType.ADMIN, PARTNER))
    for name, digest in HASHES.items():
        wanted = KalturaAppToken()
        wanted.hashType = name
        wanted.sessionType = KalturaSessionType.ADMIN
        wanted.sessionUserId = "robot"
        wanted.sessionDuration = 600
        wanted.sessionPrivileges = "edit:*"
        wanted.description = "by the Python client"
        token = root.appToken.add(wanted)
        assert root.appToken.get(token.id).token == token.token

        widget = connect().session.startWidgetSession("_%d" % PARTNER).ks
        proof = digest((widget + token.token).encode()).hexdigest()
        info = connect(widget).appToken.startSession(token.id, proof)
        client = connect(info.ks)
        listed = client.appToken.list()
        wrong = refusal(lambda: connect(widget).appToken.startSession(token.id, proof[1:]))
        deleted = repr(root.appToken.delete(token.id))
        seen[name] = {
            "id": token.id,
            "userId": info.userId,
            "sessionType": getattr(info.sessionType, "value", info.sessionType),
            "privileges": info.privileges,
            "listed": listed.totalCount,
            "wrong": wrong,
            "deleted": deleted,
            "after": refusal(client.appToken.list),
            "again": refusal(lambda: connect(widget).appToken.startSession(token.id, proof)),
        }
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
