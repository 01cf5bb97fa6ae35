"""Mints random tokens with the published Python client, used as it is, and prints them as JSON lines.

    python mint.py [COUNT] [SEED]

Every line has the token and what was asked for: version, partner, secret, user, type, privileges, and between which two
times (`from` and `to`, Unix seconds) the expiry must lie, because the client reads the clock itself.
The client is `KalturaApiClient` of the Python package index.
"""

import json
import random
import sys
import time

from KalturaClient import KalturaClient

NAMES = ["edit", "sview", "list", "download", "sessionid", "privacycontext", "setrole", "urirestrict", "my priv", "é"]
VALUES = ["", "*", "0_abc", "0_a/0_b", "a:b", "x y", "/api_v3/*|/p/1", "100%", "a+b&c=d", "日本", "1", "~tilde~", "a;b"]
USERS = ["", "alice", "0", "admin@example.com", "a b+c&d=e%41", "שלום 🚀", "Zoë|x", "~", "back\\slash\"quote"]


def item(chance, version):
    name, value = chance.choice(NAMES), chance.choice(VALUES)
    if version == 1:
        # Version 1 has no way to write a semicolon.
        value = value.replace(";", "")
    pad = chance.choice(["", "", "", " "])
    return pad + (name + ":" + value if value or chance.random() < 0.3 else name) + pad


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    chance = random.Random(sys.argv[2] if len(sys.argv) > 2 else None)
    for _ in range(count):
        version = chance.choice([1, 2])
        partner = chance.choice([102, 1, 2147483647, chance.randrange(100, 10**7)])
        secret = "%032x" % chance.getrandbits(128)
        user = chance.choice(USERS + ["user%d" % chance.randrange(10**6)])
        type_ = chance.choice([0, 2])
        privileges = ",".join(item(chance, version) for _ in range(chance.randrange(5)))
        if chance.random() < 0.1:
            privileges = chance.choice(["*", "*,disableentitlement"])
        expiry = chance.choice([86400, 1, 3600, 315360000])
        generate = KalturaClient.generateSession if version == 1 else KalturaClient.generateSessionV2
        before = int(time.time())
        token = generate(secret, user, type_, partner, expiry, privileges)
        after = int(time.time()) + 1
        line = {
            "token": token.decode() if isinstance(token, bytes) else token,
            "version": version,
            "partner": partner,
            "secret": secret,
            "user": user,
            "type": type_,
            "privileges": privileges,
            "from": before + expiry,
            "to": after + expiry,
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
