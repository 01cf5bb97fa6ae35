"""What schemathesis is told about the running server: examples that name live objects, and how a call proves who makes
it. And what it tells us: how often each operation succeeded, and with which codes it was refused.

The plan (KS_TEST_PLAN) has `partner`, `secret`, `examples` (a body for each operation that is to be called), and
`told`, the file to write.
"""

import atexit
import copy
import hashlib
import json
import os
import random
import sys
import threading
import time

import schemathesis

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from naive_ks import mint_v2  # noqa: E402

with open(os.environ["KS_TEST_PLAN"]) as file:
    PLAN = json.load(file)
DICE = random.Random(PLAN["seed"])
LOCK = threading.Lock()
NAMES = {}
TOLD = {}
COUNT = [0]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for path, item in list(raw_schema["paths"].items()):
        operation = item["post"]
        name = operation["operationId"]
        if name not in PLAN["examples"]:
            del raw_schema["paths"][path]
            continue
        NAMES[path] = name
        TOLD[name] = {"calls": 0, "good": 0, "codes": {}}
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = PLAN["examples"][name]


def session(name):
    """An administrator's session of its own for each call, because calls end sessions and block users."""
    COUNT[0] += 1
    # The accounts of a user are those of somebody who is there.
    user = "owner" if name == "partner.listPartnersForUser" else "root%d" % COUNT[0]
    expiry = int(time.time()) + 3600
    privileges = "disableentitlement"
    return mint_v2(PLAN["partner"], PLAN["secret"], user, 2, expiry, privileges, os.urandom(16))


def is_id(name):
    return name.lower().endswith(("id", "ids", "idequal", "idin", "name")) and name != "objectType"


def with_live_ids(body, example):
    """The body with some of the ids that the example names: drawn ones are nobody's."""
    for name, value in example.items():
        if name not in body:
            continue
        if isinstance(value, dict) and isinstance(body[name], dict):
            with_live_ids(body[name], value)
        elif is_id(name) and DICE.random() < 0.5:
            body[name] = copy.deepcopy(value)


@schemathesis.hook
def before_call(context, case, kwargs):
    name = NAMES[case.path]
    with LOCK:
        if isinstance(case.body, dict):
            # What signs these calls is not to be taken away from them.
            if name.startswith("ks_se") and str(case.body.get("id")) in PLAN["signing"]:
                case.body["id"] = 0
            with_live_ids(case.body, PLAN["examples"][name])
        ks = session(name)
        if name == "appToken.startSession" and isinstance(case.body, dict) and case.body.get("id") == PLAN["token"]["id"]:
            case.body["tokenHash"] = hashlib.sha1((ks + PLAN["token"]["token"]).encode()).hexdigest()
        case.query = {**(case.query or {}), "format": 1, "ks": ks}
        # Another place for each call, so that nobody is slowed down.
        place = "10.%d.%d.%d" % tuple(DICE.randint(1, 250) for _ in range(3))
        case.headers = {**(case.headers or {}), "X-Forwarded-For": place}


@schemathesis.hook
def after_call(context, case, response):
    # Other methods are tried, too: what they are answered says nothing of the operation.
    if response.request.method != "POST":
        return
    with LOCK:
        told = TOLD[NAMES[case.path]]
        told["calls"] += 1
        code = None
        if response.status_code == 200:
            try:
                answer = response.json()
            except Exception:
                answer = None  # A file.
            if isinstance(answer, dict) and answer.get("objectType") == "KalturaAPIException":
                code = answer["code"]
        else:
            code = "HTTP %d" % response.status_code
        if code is None:
            told["good"] += 1
        else:
            told["codes"][code] = told["codes"].get(code, 0) + 1


@atexit.register
def tell():
    with open(PLAN["told"], "w") as file:
        json.dump(TOLD, file)
