#!/usr/bin/env python3
"""A reader of Keyward's native files in another language, written from docs/format.md.

It needs Python 3.9 or newer and the package `cryptography`. It shares no line with the app or with the standalone
decryptor; a test holds that all of them give the same answer to the same bytes.

    native_reader.py --key EXPORT [--key EXPORT ...] [--passphrase-file FILE] FILE   the plaintext on standard output
    native_reader.py --key EXPORT ... --serve                                        for tests: see serve()
"""
import argparse
import base64
import hashlib
import hmac
import json
import struct
import sys
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PAGE = 4096
MOST_AREA = 16 * PAGE
MAGIC = b"KEYWARD\n"
FINAL = 0xFFFFFFFF


class Refused(Exception):
    """A file that is not opened; `code` is the answer of section 10."""

    def __init__(self, code, why=""):
        super().__init__(f"{code}: {why}")
        self.code = code


# ---- Section 2: bytes


class Malformed(Exception):
    """A part breaks a rule; its reader says what that means."""


class Fields:
    """Takes fields off the front of bytes."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def raw(self, length):
        if length > len(self.data) - self.at:
            raise Malformed("cut")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, size):
        return int.from_bytes(self.raw(size), "big")

    def sized(self):
        return self.raw(self.number(2))

    def left(self):
        return len(self.data) - self.at


def hkdf(ikm, salt, info, length=32):
    """HKDF with SHA-512, RFC 5869."""
    prk = hmac.new(salt, ikm, hashlib.sha512).digest()
    out, last, count = b"", b"", 1
    while len(out) < length:
        last = hmac.new(prk, last + info + bytes([count]), hashlib.sha512).digest()
        out, count = out + last, count + 1
    return out[:length]


def open_gcm(key, iv, aad, sealed):
    """The plaintext of ciphertext and tag, or None."""
    try:
        return AESGCM(key).decrypt(iv, sealed, aad)
    except InvalidTag:
        return None


def text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error


def read_context(data):
    """Section 2.1, and what section 3.1 says of a user's pairs."""
    if not data:
        return []
    if len(data) > 8000:
        raise Malformed("context too long")
    fields = Fields(data)
    count = fields.number(2)
    pairs = [(fields.sized(), fields.sized()) for _ in range(count)]
    names = [name for name, _ in pairs]
    if count == 0 or fields.left() or any(a >= b for a, b in zip(names, names[1:])):
        raise Malformed("context not canonical")
    for name, value in pairs:
        text(value)
        if not name or text(name).lower().startswith(("keyward:", "aws-crypto-")):
            raise Malformed("a name that does not occur")
    return pairs


def context_bytes(pairs):
    out = struct.pack(">H", len(pairs)) if pairs else b""
    for name, value in sorted(pairs):
        out += struct.pack(">H", len(name)) + name + struct.pack(">H", len(value)) + value
    return out


# ---- Sections 3, 5 and 7: the header


def is_area_length(length):
    return PAGE <= length <= MOST_AREA and length % PAGE == 0


def read_local_slot(body):
    fields = Fields(body)
    key, version, blob = fields.sized(), fields.sized(), fields.sized()
    if fields.left() or len(key) != 16 or len(version) != 32 or len(blob) != 129:
        raise Malformed("slot")
    if blob[0] != 1 or blob[1:17] != key or blob[17:49] != version:
        raise Malformed("slot names another key than its blob")
    return {"kind": 1, "key": key, "version": version, "blob": blob}


def read_aws_slot(body):
    fields = Fields(body)
    arn, version, wrapped = fields.sized(), fields.sized(), fields.sized()
    printable = all(0x21 <= byte <= 0x7E for byte in arn)
    if fields.left() or not 5 <= len(arn) <= 2048 or not arn.startswith(b"arn:") or not printable:
        raise Malformed("slot")
    if len(version) not in (0, 32) or not 1 <= len(wrapped) <= 6144:
        raise Malformed("slot")
    return {"kind": 2}


def read_slot(kind, body):
    if kind == 1:
        return read_local_slot(body)
    return read_aws_slot(body) if kind == 2 else {"kind": kind}


class Copy:
    """A good header copy. Raises Malformed for one that is not good, and Refused for a newer one."""

    def __init__(self, start, at):
        if len(start) < at + PAGE or start[at : at + 8] != MAGIC:
            raise Malformed("no header")
        length = int.from_bytes(start[at + 16 : at + 20], "big")
        if not is_area_length(length) or at not in (0, length) or len(start) < at + length:
            raise Malformed("area length")
        self.area = area = start[at : at + length]
        if hashlib.sha256(area[:-32]).digest() != area[-32:]:
            raise Malformed("checksum")
        version, suite, kind, flags, bits, reserved = struct.unpack(">HHBBBB", area[8:16])
        if version != 1 or suite != 1 or kind > 1 or flags or reserved:
            raise Refused("NewerFormat")
        if not 12 <= bits <= 24:
            raise Malformed("frame length")
        self.kind, self.frame_length = kind, 1 << bits
        fields = Fields(area[:-64])
        self.message_id = fields.raw(52)[20:]
        self.context = read_context(fields.sized())
        self.metadata_at = fields.at + 2
        self.metadata = fields.sized()
        blocks = len(self.metadata) - 16
        if self.metadata and not (0 < blocks <= 2048 and blocks % 256 == 0):
            raise Malformed("metadata length")
        self.immutable = area[: fields.at]
        self.commitment = fields.raw(32)
        self.generation = fields.number(8)
        count = fields.number(2)
        if not 1 <= self.generation < 1 << 53 or count > 20:
            raise Malformed("generation or slot count")
        self.slots = [read_slot(fields.number(2), fields.sized()) for _ in range(count)]
        if any(fields.raw(fields.left())):
            raise Malformed("padding")
        self.mac = area[-64:-32]


def good_copy(start, at):
    try:
        return Copy(start, at)
    except Malformed:
        return None


def choose_copy(start):
    """Section 7."""
    first = good_copy(start, 0)
    if first:
        length = len(first.area)
        if len(start) < 2 * length:
            raise Refused("FileTruncated", "in the header")
        try:
            second = good_copy(start, length)
        except Refused:
            second = None
        return second if second and second.generation > first.generation else first
    for k in range(1, 17):
        second = good_copy(start, k * PAGE)
        if second:
            return second
    if not start or start[:8] != MAGIC[: len(start)]:
        raise Refused("NotKeywardFile")
    stated = int.from_bytes(start[16:20], "big") if len(start) >= 20 else 0
    if len(start) < 2 * (stated if is_area_length(stated) else PAGE):
        raise Refused("FileTruncated", "in the header")
    raise Refused("FileDamaged", "both header copies")


# ---- Section 6: metadata


def read_metadata(block):
    """Checks the items; gives them by type."""
    fields, found = Fields(block), {}
    while any(block[fields.at :]):
        kind, value = fields.number(2), fields.sized()
        if kind == 0 or kind in found:
            raise Malformed("item twice, or of type 0")
        found[kind] = value
        if kind == 1:
            name = text(value)
            if not 1 <= len(value) <= 1024 or "/" in name or "\0" in name or name in (".", ".."):
                raise Malformed("name")
        elif kind in (2, 3) and len(value) != 8 or kind == 4 and len(value) != 4:
            raise Malformed("length of a time or of the mode")
    return found


# ---- Section 8: opening


def open_with(copy, data_key):
    """The payload key; None if the data key is not this file's."""
    salt = hashlib.sha512(copy.immutable).digest()
    if not hmac.compare_digest(hkdf(data_key, salt, b"keyward/1/commit"), copy.commitment):
        return None
    mac = hmac.new(hkdf(data_key, salt, b"keyward/1/header"), copy.area[:-64], hashlib.sha512).digest()
    if not hmac.compare_digest(mac[:32], copy.mac):
        raise Refused("FileDamaged", "the header was changed")
    if copy.metadata:
        key = hkdf(data_key, copy.message_id, b"keyward/1/meta")
        block = open_gcm(key, bytes(12), copy.area[: copy.metadata_at], copy.metadata)
        try:
            read_metadata(block if block is not None else b"\1")
        except Malformed as error:
            raise Refused("FileDamaged", "the metadata") from error
    return hkdf(data_key, salt, b"keyward/1/payload")


def unwrap(blob, material, context):
    derived = hkdf(material, blob[49:81], blob[:81], 44)
    return open_gcm(derived[:32], derived[32:], blob[:81] + context, blob[81:])


def unlock(copy, keys):
    own = (b"keyward:message-id", copy.message_id.hex().encode())
    context = context_bytes(copy.context + [own])
    failed = False
    for data_key in keys["data"].get(copy.message_id, []):
        key = open_with(copy, data_key)
        if key:
            return key
    local = [slot for slot in copy.slots if slot["kind"] == 1]
    for slot in local:
        material = keys["material"].get((slot["key"], slot["version"]))
        data_key = material and unwrap(slot["blob"], material, context)
        if material and data_key is None:
            failed = True
        key = data_key and open_with(copy, data_key)
        if key:
            return key
    if failed:
        raise Refused("FileDamaged", "a wrapped key was changed")
    raise Refused("WrongKey" if local or keys["data"].get(copy.message_id) else "UnsupportedSlot")


# ---- Section 9: the body


def plan_of(body, length):
    """Frames, and bytes in the final one; None where no body is so long."""
    rest = body - 40
    if rest <= 0:
        return (1, 0) if rest == 0 else None
    regular = (rest - 1) // (length + 32)
    final = rest - regular * (length + 32)
    return (regular + 1, final) if final <= length and regular < FINAL else None


def impossible_length(data, at, length):
    """Section 9.3, where no body is so long: was something added, or is the end missing?"""
    stride = length + 32
    last = max(0, len(data) - at - 1) // stride
    for regular in range(max(0, last - 1), last + 1):
        start = at + regular * stride
        head = data[start : start + 24]
        if len(head) == 24 and struct.unpack(">II", head[:8]) == (FINAL, regular + 1):
            if start + 40 + int.from_bytes(head[20:], "big") < len(data):
                raise Refused("FileDamaged", "something follows the end")
    raise Refused("FileTruncated", "the end is missing")


def open_frame(frame, number, final, length, key, message_id):
    """Section 9.1; `final` says which kind the plan has here."""
    is_final = frame[:4] == b"\xff\xff\xff\xff"
    head = frame[4:24] if is_final else frame[:16]
    iv, damaged = head[4:16], Refused("FileDamaged", f"frame {number}")
    if int.from_bytes(head[:4], "big") != number or iv != bytes(8) + struct.pack(">I", number):
        raise damaged
    if is_final != final:
        raise Refused("FileTruncated", "the end is missing") if final else damaged
    content = int.from_bytes(head[16:], "big") if final else length
    if content > length or (content == 0 and number != 1):
        raise damaged
    if final and content + 40 != len(frame):
        raise Refused("FileTruncated", "the end is missing") if content + 40 > len(frame) else damaged
    label = b"AWSKMSEncryptionClient Final Frame" if final else b"AWSKMSEncryptionClient Frame"
    aad = message_id + label + struct.pack(">IQ", number, content)
    plaintext = open_gcm(key, iv, aad, frame[24 if final else 16 :])
    if plaintext is None:
        raise damaged
    return plaintext


def read_body(data, at, length, key, message_id):
    plan = plan_of(len(data) - at, length)
    if plan is None:
        impossible_length(data, at, length)
    frames, stride = plan[0], length + 32
    end = at + (frames - 1) * stride
    last = open_frame(data[end:], frames, True, length, key, message_id)
    out = []
    for number in range(1, frames):
        frame = data[at + (number - 1) * stride : at + number * stride]
        out.append(open_frame(frame, number, False, length, key, message_id))
    return b"".join(out) + last


def decrypt(data, keys):
    """The plaintext of a native file; raises Refused."""
    copy = choose_copy(data[: 2 * MOST_AREA])
    key = unlock(copy, keys)
    if copy.kind == 1:
        raise Refused("NewerFormat", "a package")
    return read_body(data, 2 * len(copy.area), copy.frame_length, key, copy.message_id)


# ---- Section 17: exported keys


def passphrases(data):
    """The bytes that a passphrase file may stand for, the likeliest first."""
    raw = data[:-2] if data.endswith(b"\r\n") else data[:-1] if data.endswith(b"\n") else data
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        words = data.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError:
        return [raw]
    composed, taken_apart = (unicodedata.normalize(form, words).encode() for form in ("NFC", "NFD"))
    return list(dict.fromkeys([composed, raw, taken_apart]))


def unwrap_export(export, secret):
    n, r, p = (export[name] for name in "nrp")
    if n * r * p > 1 << 23:
        raise ValueError("the cost of scrypt is out of bounds")
    salt, sealed = (base64.b64decode(export[name], validate=True) for name in ("salt", "sealed"))
    for one in passphrases(secret):
        key = hashlib.scrypt(one, salt=salt, n=n, r=r, p=p, maxmem=(1 << 31) - 1, dklen=32)
        inner = open_gcm(key, bytes(12), b"keyward/1/wrapped-export", sealed)
        if inner is not None:
            return json.loads(inner)
    raise ValueError("wrong passphrase, or the export was changed")


def add_export(keys, export, secret):
    if export["format"] == "keyward wrapped export":
        export = unwrap_export(export, secret)
    if export.get("formatVersion", 1) != 1:
        raise ValueError("an export of a newer version")
    if export["format"] == "keyward key material":
        name = bytes.fromhex(export["keyId"].replace("-", "")), bytes.fromhex(export["versionId"])
        keys["material"][name] = base64.b64decode(export["material"], validate=True)
    elif export["format"] == "keyward data key":
        name = bytes.fromhex(export["messageId"])
        keys["data"].setdefault(name, []).append(base64.b64decode(export["dataKey"], validate=True))
    else:
        raise ValueError("not an exported key")


# ---- The command


def serve(keys):
    """For each file on standard input (its length in four bytes, then its bytes) one line of JSON: the code of
    the refusal or null, and the SHA-256 of the plaintext or null."""
    source = sys.stdin.buffer
    while True:
        head = source.read(4)
        if len(head) < 4:
            return
        data = source.read(int.from_bytes(head, "big"))
        try:
            answer = {"code": None, "sha256": hashlib.sha256(decrypt(data, keys)).hexdigest()}
        except Refused as refused:
            answer = {"code": refused.code, "sha256": None}
        except Exception as error:  # pylint: disable=broad-except
            answer = {"code": f"{type(error).__name__}: {error}", "sha256": None}
        print(json.dumps(answer), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", action="append", required=True)
    parser.add_argument("--passphrase-file")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("file", nargs="?")
    options = parser.parse_args()
    secret = open(options.passphrase_file, "rb").read() if options.passphrase_file else b""
    keys = {"material": {}, "data": {}}
    for path in options.key:
        add_export(keys, json.load(open(path, encoding="utf-8")), secret)
    if options.serve:
        return serve(keys)
    try:
        sys.stdout.buffer.write(decrypt(open(options.file, "rb").read(), keys))
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(5)


if __name__ == "__main__":
    main()
