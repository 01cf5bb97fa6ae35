"""A naive rendering of the Kaltura Session format, by which the Rust one is judged.

Written from the description of the format alone (token §1.2 to §1.4), one step after the other, without any of the
Rust crate's code. It only mints, and checks nothing: what goes in is what comes out.

As a program it reads JSON lines and prints one token for each. The keys of a line:

    version     1 or 2
    partner     a whole number
    secret      text
    user        text or null
    type        a whole number
    expiry      Unix seconds
    privileges  text or null
    rand        version 1: text; version 2: 32 hexadecimal characters
    master      a whole number or null (may be left out)
    data        text or null (may be left out)

It needs the AES of either `pycryptodome` or `cryptography`.
"""

import base64
import hashlib
import json
import sys


def aes_cbc_encrypt(key, data):
    """AES-128-CBC with an IV of zero bytes and no padding of its own."""
    iv = bytes(16)
    try:
        from Crypto.Cipher import AES
    except ImportError:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()
    return AES.new(key, AES.MODE_CBC, iv).encrypt(data)


def encode(text):
    """Form encoding: a space is `+`, and all but letters, digits, `-`, `_`, `.` is `%XX`."""
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    out = ""
    for byte in text.encode():
        if byte in plain:
            out += chr(byte)
        elif byte == 0x20:
            out += "+"
        else:
            out += "%%%02X" % byte
    return out


def v1_of_info(secret, info):
    """The token of version 1 for the bytes that are signed."""
    digest = hashlib.sha1(secret.encode() + info).hexdigest()
    return base64.b64encode(digest.encode() + b"|" + info).decode()


def v2_of_query(partner, secret, rand, query):
    """The token of version 2 for the encoded fields; `partner` is text here."""
    signed = rand + query
    plain = hashlib.sha1(signed).digest() + signed
    while len(plain) % 16 != 0:
        plain += b"\0"
    key = hashlib.sha1(secret.encode()).digest()[:16]
    whole = b"v2|" + partner.encode() + b"|" + aes_cbc_encrypt(key, plain)
    return base64.b64encode(whole).decode().replace("+", "-").replace("/", "_")


def text(value):
    return "" if value is None else str(value)


def mint_v1(partner, secret, user, type_, expiry, privileges, rand, master=None, data=None):
    fields = [partner, partner, expiry, type_, rand, user, privileges, master, data]
    return v1_of_info(secret, ";".join(text(field) for field in fields).encode())


def mint_v2(partner, secret, user, type_, expiry, privileges, rand, master=None, data=None):
    fields = {}
    for item in text(privileges).split(","):
        item = item.strip(" \t\n\r\0\x0b")
        if item in ("", "0"):
            continue
        if item == "*":
            item = "all:*"
        name, _, value = item.partition(":")
        fields[name] = value
    for name, value in (("_e", expiry), ("_t", type_), ("_u", user), ("_m", master), ("_d", data)):
        if value is not None:
            fields[name] = str(value)
    query = "&".join(encode(name) + "=" + encode(value) for name, value in fields.items())
    return v2_of_query(str(partner), secret, rand, query.encode())


def mint(line):
    """Mints what one line asks for."""
    common = [line["partner"], line["secret"], line["user"], line["type"], line["expiry"], line["privileges"]]
    more = {"master": line.get("master"), "data": line.get("data")}
    if line["version"] == 1:
        return mint_v1(*common, line["rand"], **more)
    return mint_v2(*common, bytes.fromhex(line["rand"]), **more)


def main():
    for line in sys.stdin:
        if line.strip():
            print(mint(json.loads(line)))


if __name__ == "__main__":
    main()
