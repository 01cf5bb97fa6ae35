"""Writes `own.json`: vectors for rules of the format that `ks-vectors.json` has no example of.

    python tests/vectors/own.py

Every expectation is written here by hand from the description of the format; only the tokens themselves, and the hashes
that they carry, are computed, by the naive Python rendering. `required` marks where we depart from the reference on
purpose, and why.
"""

import base64
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "clients", "python"))
import naive_ks  # noqa: E402

SECRET = "0123456789abcdef0123456789abcdef"
SECOND = "ffeeddccbbaa99887766554433221100"
LIVE = 4102444800
RAND = bytes(range(16))
STRICT = "expiry is a strict integer"
TYPE = "type is a strict integer"
CANONICAL = "a partner id is written canonically"

vectors = []


def add(name, version, token, note, expect=None, required=None, partner=102, secret=SECRET, context=None, given=None):
    secrets = {"102": secret}
    if partner != 102:
        secrets[str(partner)] = secret
    full = {
        "remoteAddress": "203.0.113.7",
        "requestUri": "/api_v3/service/media/action/get",
        "revoked": False,
        "partnerSecrets": secrets,
    }
    full.update(context or {})
    vector = {
        "name": name,
        "version": version,
        "partnerId": partner,
        "secret": secret,
        "token": token,
        "note": note,
        "context": full,
        "input": given,
        "expect": expect or {"parse": "false", "status": "INVALID_STR", "statusCode": -1},
    }
    if required:
        vector["required"] = {"status": required[0], "why": required[1]}
    vectors.append(vector)


CODES = {"OK": 1, "EXPIRED": -5, "EXCEEDED_RESTRICTED_IP": -9, "EXCEEDED_RESTRICTED_URI": -11}


def parsed(hash_, status="OK", session_id=None, admin=False, widget=False, anonymous=False, **fields):
    expect = {
        "parse": "true",
        "status": status,
        "statusCode": CODES[status],
        "partnerId": "102",
        "partnerPattern": None,
        "type": "0",
        "userId": "u",
        "expiry": str(LIVE),
        "rand": None,
        "privileges": "",
        "parsedPrivileges": [],
        "masterPartnerId": None,
        "additionalData": None,
        "hash": hash_,
        "sessionIdHash": session_id and hashlib.sha1(session_id.encode()).hexdigest(),
        "isAdmin": admin,
        "isWidget": widget,
        "isAnonymous": anonymous,
    }
    expect.update(fields)
    return expect


def v1(name, info, note, required=None, refused=False, context=None, secret=SECRET, given=None, **fields):
    info = info.encode() if isinstance(info, str) else info
    token = naive_ks.v1_of_info(secret.split(",")[0], info)
    hash_ = hashlib.sha1(secret.split(",")[0].encode() + info).hexdigest()
    fields.setdefault("partnerPattern", "102")
    expect = None if refused else parsed(hash_, **fields)
    add(name, 1, token, note, expect, required, context=context, secret=secret, given=given)


def v2(name, query, note, required=None, refused=False, context=None, partner="102", rand=RAND, given=None, **fields):
    query = query.encode() if isinstance(query, str) else query
    token = naive_ks.v2_of_query(partner, SECRET, rand, query)
    fields.setdefault("rand", rand.hex())
    expect = None if refused else parsed(hashlib.sha1(rand + query).hexdigest(), **fields)
    add(name, 2, token, note, expect, required, context=context, given=given)


def given(**fields):
    base = {"userId": "u", "type": 0, "expiry": LIVE, "privileges": "", "masterPartnerId": None, "additionalData": None}
    base.update(fields)
    return base


# Outer encoding (token §1.1).
add("len-mod4-1", 0, "djJ8M", "a length of 1 mod 4")
add("empty-text", 0, "", "nothing at all")
add("white-space-only", 0, " \t\r\n", "nothing after the white space is skipped")
add("decodes-to-zero", 0, "MA==", "the text 0 counts as nothing")
add("form-feed", 0, "djJ8MTAy\x0cfA==", "a form feed is not one of the skipped characters")
add("pad-only", 0, "====", "padding without data")
add("v2-capital", 2, base64.b64encode(b"V2|102|" + bytes(16)).decode(), "only a small v marks version 2")
add("v2-two-parts", 2, base64.b64encode(b"v2|102").decode(), "version 2 needs three parts; no fall back to version 1")
add("v2-no-cipher", 2, base64.b64encode(b"v2|102|").decode(), "nothing is encrypted")
add("v2-cipher-not-blocks", 2, base64.b64encode(b"v2|102|" + bytes(17)).decode(), "not a multiple of 16 bytes")
add("v2-cipher-one-block", 2, base64.b64encode(b"v2|102|" + bytes(16)).decode(), "too short for a hash and random bytes")
mixed = naive_ks.v2_of_query("102", SECRET, RAND, b"_e=4102444800&_t=0&_u=u")
mixed = "".join({"-": "+", "_": "/"}.get(c, c) if i % 2 else c for i, c in enumerate(mixed))
add("v2-mixed-alphabets", 2, mixed, "all four symbols in one token",
    parsed(hashlib.sha1(RAND + b"_e=4102444800&_t=0&_u=u").hexdigest(), rand=RAND.hex()))

# Version 1 (token §1.2).
v1("v1-two-fields", "102;102", "too few fields", refused=True)
v1("v1-three-fields", "102;102;4102444800", "the fewest fields; the others are null", type=None, userId=None,
   privileges=None, anonymous=True)
v1("v1-five-fields", "102;102;4102444800;0;r", "no user: anonymous", rand="r", userId=None, privileges=None,
   anonymous=True)
v1("v1-seven-fields-client", "102;102;4102444800;0;12345;u;edit:0_a", "as most clients write it", rand="12345",
   privileges="edit:0_a", parsedPrivileges=[["edit", ["0_a"]]])
v1("v1-trailing-semicolon", "102;102;4102444800;0;12345;u;edit:0_a;", "as C# and Ruby write it", rand="12345",
   privileges="edit:0_a", parsedPrivileges=[["edit", ["0_a"]]], masterPartnerId="")
v1("v1-extra-fields", "102;102;4102444800;0;1;u;edit:0_a;;data;more;and more", "fields past the ninth are only hashed",
   rand="1", privileges="edit:0_a", parsedPrivileges=[["edit", ["0_a"]]], masterPartnerId="", additionalData="data")
v1("v1-user-with-semicolon", "102;102;4102444800;0;1;bob;edit:*;sview:0_1;;",
   "user `bob;edit:*`: everything after it shifts", rand="1", userId="bob", privileges="edit:*",
   parsedPrivileges=[["edit", ["*"]]], masterPartnerId="sview:0_1", additionalData="")
v1("v1-pipe-in-info", "102;102;4102444800;0;1|2;a|b;edit:x|y;;z|", "only the first | separates", rand="1|2",
   userId="a|b", privileges="edit:x|y", parsedPrivileges=[["edit", ["x|y"]]], masterPartnerId="", additionalData="z|")
v1("v1-partner-leading-zero", "0102;0102;4102444800;0;1;u;", "the same number, another spelling", refused=True,
   required=("INVALID_STR", CANONICAL))
v1("v1-expiry-empty", "102;102;;0;1;u;;;", "an empty expiry has passed", status="EXPIRED", expiry="", rand="1",
   privileges="", parsedPrivileges=[["", []]], masterPartnerId="", additionalData="")
for label, text in (("leading-zero", "04102444800"), ("plus", "+4102444800"), ("space", " 4102444800"), ("exponent", "9e99")):
    v1("v1-expiry-" + label, "102;102;%s;0;1;u;;;" % text, "not a strict integer", refused=True,
       required=("INVALID_STR", STRICT))
v1("v1-type-float", "102;102;4102444800;2.0;1;u;;;", "not a strict integer", refused=True, required=("INVALID_STR", TYPE))
v1("v1-del-byte", "102;102;4102444800;0;1;u\x7f;;;", "a control byte", refused=True,
   required=("INVALID_STR", "control bytes in v1 INFO are refused"))
v1("v1-newline-in-user", "102;102;4102444800;0;1;u\nx;;;", "a control byte", refused=True,
   required=("INVALID_STR", "control bytes in v1 INFO are refused"))
v1("v1-invalid-utf8", b"102;102;4102444800;0;1;\xe9;;;", "Latin-1", refused=True,
   required=("INVALID_STR", "invalid UTF-8 in v1 INFO is refused"))
v1("v1-multi-edit", "102;102;4102444800;0;1;u;edit:a,edit:b,list:*;;", "version 1 keeps both", rand="1",
   privileges="edit:a,edit:b,list:*", parsedPrivileges=[["edit", ["a", "b"]], ["list", ["*"]]], masterPartnerId="",
   additionalData="", given=given(privileges="edit:a,edit:b,list:*"))
v1("v1-session-id-repeated", "102;102;4102444800;0;1;u;sessionid:a/b,sessionid:c;;", "the first part names the group",
   rand="1", privileges="sessionid:a/b,sessionid:c", parsedPrivileges=[["sessionid", ["a", "b", "c"]]],
   masterPartnerId="", additionalData="", session_id="102_a")
v1("v1-all-fields", "102;102;4102444800;2;1;u;*;103;more", "every field", rand="1", type="2", admin=True,
   privileges="*", parsedPrivileges=[["*", []]], masterPartnerId="103", additionalData="more",
   given=given(type=2, privileges="*", masterPartnerId=103, additionalData="more"))
v1("v1-user-zero", "102;102;4102444800;0;1;0;widget:1;;", "user 0 is nobody: a widget's session", rand="1", userId="0",
   privileges="widget:1", parsedPrivileges=[["widget", ["1"]]], masterPartnerId="", additionalData="", widget=True,
   anonymous=True, given=given(userId="0", privileges="widget:1"))
v1("v1-type-negative", "102;102;4102444800;-1;1;u;;;", "below 1 is no administrator", rand="1", type="-1",
   parsedPrivileges=[["", []]], masterPartnerId="", additionalData="", given=given(type=-1))

# Version 2 (token §1.3).
v2("v2-short-plain", "", "a right hash over nothing but random bytes", refused=True)
E2 = "_e=4102444800&_t=0&_u=u"
v2("v2-dup-reserved", "_e=1&_t=0&_u=u&_e=4102444800", "the reference takes the last", refused=True,
   required=("INVALID_STR", "a reserved field is there once"))
for field in ("_t=0", "_u=u", "_m=5&_m=5", "_d=&_d="):
    v2("v2-dup" + field[:2], E2 + "&" + field, "the reference takes the last", refused=True,
       required=("INVALID_STR", "a reserved field is there once"))
v2("v2-dup-encoded", "%5fe=4102444800&" + E2, "an encoded name is the same name", refused=True,
   required=("INVALID_STR", "a reserved field is there once"))
v2("v2-array-user", "_e=4102444800&_t=0&_u[]=u", "the reference reads a list", refused=True,
   required=("INVALID_STR", "field names are exact and brackets are refused in them"))
v2("v2-array-encoded", E2 + "&edit%5Ba%5D=1", "encoded brackets are brackets", refused=True,
   required=("INVALID_STR", "field names are exact and brackets are refused in them"))
v2("v2-open-bracket", E2 + "&a[b=1", "the reference reads a_b", refused=True,
   required=("INVALID_STR", "field names are exact and brackets are refused in them"))
v2("v2-dot-u", "_e=4102444800&_t=0&.u=root", "the reference reads user root", required=("OK", "field names are exact"),
   userId=None, anonymous=True, privileges=".u:root", parsedPrivileges=[[".u", ["root"]]])
v2("v2-space-in-name", E2 + "&a+b=1&+c=2", "the reference reads a_b and c", required=("OK", "field names are exact"),
   privileges="a b:1, c:2", parsedPrivileges=[["a b", ["1"]], [" c", ["2"]]])
v2("v2-control-in-name", E2 + "&a%0Ab=1", "a control byte in a name", refused=True,
   required=("INVALID_STR", "a NUL or other control byte in a field name is refused"))
v2("v2-multi-edit", "edit=b&list=%2A&" + E2, "the last value in the first place", privileges="edit:b,list:*",
   parsedPrivileges=[["edit", ["b"]], ["list", ["*"]]], given=given(privileges="edit:a,edit:b,list:*"))
v2("v2-multi-edit-read", "edit=a&list=%2A&edit=b&" + E2, "the reader takes the last value too",
   privileges="edit:b,list:*", parsedPrivileges=[["edit", ["b"]], ["list", ["*"]]])
v2("v2-multi-edit-shorter", "edit=0_abc%2F0_d&list=%2A&edit&sview=1&" + E2, "the last value may be empty",
   privileges="edit,list:*,sview:1", parsedPrivileges=[["edit", []], ["list", ["*"]], ["sview", ["1"]]])
v2("v2-reserved-e", "_e=4102444800&_t=0&_u=u&edit=0_a", "the writer overwrites reserved names where they stand",
   privileges="edit:0_a", parsedPrivileges=[["edit", ["0_a"]]],
   given=given(privileges="_e:9999999999,_t:2,_u:root,edit:0_a"))
v2("v2-wildcard-only", "all=%2A&" + E2, "shown as *", privileges="*", parsedPrivileges=[["all", ["*"]]],
   given=given(privileges="*"))
v2("v2-wildcard-first", "all=%2A&edit=a&" + E2, "with others it stays all:*", privileges="all:*,edit:a",
   parsedPrivileges=[["all", ["*"]], ["edit", ["a"]]], given=given(privileges="*,edit:a"))
v2("v2-wildcard-last", "edit=a&all=%2A&" + E2, "with others it stays all:*", privileges="edit:a,all:*",
   parsedPrivileges=[["edit", ["a"]], ["all", ["*"]]], given=given(privileges="edit:a, * "))
v2("v2-wildcard-value", "all=x&" + E2, "only the star is shown as *", privileges="all:x", parsedPrivileges=[["all", ["x"]]])
v2("v2-encoded-comma", "privacycontext=a%2Cedit%3A%2A&list=0&" + E2, "whole in the map, two items in the text",
   privileges="privacycontext:a,edit:*,list:0", parsedPrivileges=[["privacycontext", ["a,edit:*"]], ["list", ["0"]]])
v2("v2-encoded-colon-in-name", "a%3Ab=c&" + E2, "a colon in a name stays in the name", privileges="a:b:c",
   parsedPrivileges=[["a:b", ["c"]]])
v2("v2-spaces", "edit=0_a&list=%2A&sview=+x&" + E2, "trimmed at both ends of an item",
   privileges="edit:0_a,list:*,sview: x", parsedPrivileges=[["edit", ["0_a"]], ["list", ["*"]], ["sview", [" x"]]],
   given=given(privileges=" edit:0_a , list:* ,, ,sview: x "))
v2("v2-empty-value", "edit=&list=&" + E2, "edit: comes back as edit", privileges="edit,list",
   parsedPrivileges=[["edit", []], ["list", []]], given=given(privileges="edit:,list"))
v2("v2-empty-user", "_e=4102444800&_t=0&_u=", "an empty user is written", userId="", anonymous=True,
   given=given(userId=""))
v2("v2-null-user", "_e=4102444800&_t=0", "no user is left out", userId=None, anonymous=True, given=given(userId=None))
v2("v2-all-fields", "edit=0_a&_e=4102444800&_t=2&_u=u&_m=103&_d=a+b%7E", "every field", type="2", admin=True,
   privileges="edit:0_a", parsedPrivileges=[["edit", ["0_a"]]], masterPartnerId="103", additionalData="a b~",
   given=given(type=2, privileges="edit:0_a", masterPartnerId=103, additionalData="a b~"))
v2("v2-empty-data", E2 + "&_d=", "empty data is written", additionalData="", given=given(additionalData=""))
v2("v2-broken-escape", "privacycontext=100%&a=%4&b=%zz&" + E2, "a % without two digits stays",
   privileges="privacycontext:100%,a:%4,b:%zz",
   parsedPrivileges=[["privacycontext", ["100%"]], ["a", ["%4"]], ["b", ["%zz"]]])
v2("v2-small-hex", "a=%c3%a9&" + E2, "small hexadecimal digits", privileges="a:é", parsedPrivileges=[["a", ["é"]]])
v2("v2-key-without-equals", "edit&" + E2, "an empty value", privileges="edit", parsedPrivileges=[["edit", []]])
v2("v2-equals-in-value", "a=b=c&" + E2, "only the first = splits", privileges="a:b=c", parsedPrivileges=[["a", ["b=c"]]])
v2("v2-nameless", "=x&" + E2, "a pair without a name is dropped")
v2("v2-partner-leading-zero", E2, "the same number, another spelling", partner="0102", refused=True,
   required=("INVALID_STR", CANONICAL))
v2("v2-partner-minus-zero", E2, "the same number, another spelling", partner="-0", refused=True,
   required=("INVALID_STR", CANONICAL))
v2("v2-expiry-nonnumeric", "_e=abc&_t=0&_u=u", "the reference finds it not expired", refused=True,
   required=("INVALID_STR", STRICT))
v2("v2-expiry-one-second", "_e=1&_t=0&_u=u", "long ago", status="EXPIRED", expiry="1", given=given(expiry=1))
v2("v2-thousand-fields", "&".join("p%d" % i for i in range(997)) + "&" + E2, "as many as are read",
   privileges=",".join("p%d" % i for i in range(997)), parsedPrivileges=[["p%d" % i, []] for i in range(997)])
v2("v2-too-many-fields", "&".join("p%d" % i for i in range(998)) + "&" + E2, "one more", refused=True,
   required=("INVALID_STR", "the reference drops the fields past 1000, the expiry among them"))
seed = bytes.fromhex("6481917523d9fa1cc363d54d5b89a9b0")
v2("v2-downloadasset-seeded", "downloadasset=1_a&_e=4102445100&_t=0&_u=u", "random bytes from the rounded expiry",
   rand=seed, expiry="4102445100", privileges="downloadasset:1_a", parsedPrivileges=[["downloadasset", ["1_a"]]],
   given=given(expiry=4102445100, privileges="downloadasset:1_a"))
piped = next(bytes([n]) * 16 for n in range(256)
             if b"|" in base64.urlsafe_b64decode(naive_ks.v2_of_query("102", SECRET, bytes([n]) * 16, E2.encode()))[7:])
v2("v2-pipe-in-cipher", E2, "the encrypted part holds a |", rand=piped)
user = "a" * (-(36 + len("_e=4102444800&_t=0&_u=")) % 16 + 16)
v2("v2-aligned", "_e=4102444800&_t=0&_u=" + user, "a whole number of blocks gets no padding", userId=user,
   given=given(userId=user))

# Restrictions (token §2.3, §3), with our extensions.
IP = {"remoteAddress": "2001:db8::1"}
v2("v2-iprestrict-second", "iprestrict=198.51.100.1%2F203.0.113.7&" + E2, "any part may be the address",
   privileges="iprestrict:198.51.100.1/203.0.113.7", parsedPrivileges=[["iprestrict", ["198.51.100.1", "203.0.113.7"]]])
v2("v2-iprestrict-prefix", "iprestrict=203.0.113.70&" + E2, "a longer text is another address",
   status="EXCEEDED_RESTRICTED_IP", privileges="iprestrict:203.0.113.70", parsedPrivileges=[["iprestrict", ["203.0.113.70"]]])
v2("v2-iprestrict-network", "iprestrict=203.0.113.0%2F24&" + E2, "a network", status="EXCEEDED_RESTRICTED_IP",
   required=("OK", "a network is our extension"), privileges="iprestrict:203.0.113.0/24",
   parsedPrivileges=[["iprestrict", ["203.0.113.0", "24"]]])
v2("v2-iprestrict-ipv6-spelling", "iprestrict=2001:DB8:0::1&" + E2, "another spelling of the address", context=IP,
   status="EXCEEDED_RESTRICTED_IP", required=("OK", "addresses are compared as addresses"),
   privileges="iprestrict:2001:DB8:0::1", parsedPrivileges=[["iprestrict", ["2001:DB8:0::1"]]])
v2("v2-urirestrict-query", "urirestrict=%2Fa%3Fx%3D1&" + E2, "the query counts", context={"requestUri": "/a?x=1"},
   privileges="urirestrict:/a?x=1", parsedPrivileges=[["urirestrict", ["", "a?x=1"]]])
v2("v2-urirestrict-other-query", "urirestrict=%2Fa%3Fx%3D1&" + E2, "the query counts", context={"requestUri": "/a?x=2"},
   status="EXCEEDED_RESTRICTED_URI", privileges="urirestrict:/a?x=1", parsedPrivileges=[["urirestrict", ["", "a?x=1"]]])
v1("v1-second-of-two-secrets-order", "102;102;4102444800;0;1;u;;;", "the first of two secrets", rand="1",
   parsedPrivileges=[["", []]], masterPartnerId="", additionalData="", secret=SECRET + "," + SECOND)

names = [vector["name"] for vector in vectors]
assert len(names) == len(set(names))
with open(os.path.join(HERE, "own.json"), "w", encoding="utf-8") as out:
    json.dump(vectors, out, ensure_ascii=False, indent=1)
    out.write("\n")
print(len(vectors), "vectors")
