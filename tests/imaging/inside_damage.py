"""Seeded damage inside a file that is whole outside: it gets past what parses or unpacks it."""

import base64
import io
import json
import zipfile

from tests.imaging.damage import mutated

ENDLESS = 0.123454321
"""Stands for what no JSON of ours writes: a number beyond every float, or lists without end."""

OTHERS = [
    None, True, -1, 0, 1, 2**31, 2**70, 1e308, ENDLESS, 0.1, "", "x" * 300, "\ud800", [], [[]],
    [1] * 50, [[0, 1], [1, 0]], {}, {"a": {}}, {"size": [3, 4], "counts": [1, 2]},
]  # fmt: skip
TEXTS = (b"#usda", b"# Camera list", b"# Image list")
"""Beginnings of OpenUSD's and COLMAP's text."""

NAMES = ["", "x" * 300, "../..", "a\0b", "\ud800", "size"]

DEEP = b"[" * 50_000


def in_json(data, rng):
    """Put another value somewhere into a JSON file, or change a text or list that is there."""
    values = json.loads(data)
    spots = []

    def walk(node):
        for key in node if isinstance(node, dict) else range(len(node)):
            spots.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(values)
    for _ in range(int(rng.integers(1, 3))):
        node, key = spots[int(rng.integers(len(spots)))]
        if isinstance(node, dict) and (key not in node or rng.random() < 0.1):
            node[NAMES[int(rng.integers(len(NAMES)))]] = node.pop(key, None)
            continue
        other = _changed(node[key], rng) if rng.random() < 0.6 else None
        if other is None:  # whatever it was
            other = OTHERS[int(rng.integers(len(OTHERS)))]
            if rng.random() < 0.1:
                source, at = spots[int(rng.integers(len(spots)))]
                if isinstance(source, list) or at in source:
                    other = json.loads(json.dumps(source[at]))
        node[key] = other
    text = json.dumps(values).encode()
    return text.replace(str(ENDLESS).encode(), DEEP if rng.random() < 0.1 else b"1e999")


def _changed(value, rng):
    """Return something of the same type."""
    if isinstance(value, str) and len(value) > 3:
        return _in_text(value, rng)
    if isinstance(value, list) and value:
        least = int(rng.integers(len(value)))
        return [value[least:], value[:least], value * int(rng.integers(2, 60)), value[::-1]][
            int(rng.integers(4))
        ]
    if isinstance(value, int | float) and not isinstance(value, bool):
        factor = [-1, 0, 0.5, 2, 3, 100, 10_000, 2**40][int(rng.integers(8))]
        return value * factor if rng.random() < 0.8 else int(rng.integers(-9, 9000))
    return None


def _in_text(text, rng):
    """Change characters, or what they mean if they are base 64."""
    if rng.random() < 0.7 and len(text) > 60 and len(text) % 4 == 0:
        try:
            inside = base64.b64decode(text, validate=True)
        except ValueError:
            pass
        else:
            return base64.b64encode(mutated(inside, rng)).decode()
    letters = list(text)
    for at in rng.integers(0, len(letters), rng.integers(1, 5)):
        letters[at] = chr(int(rng.integers(40, 125)))
    return "".join(letters[: int(rng.integers(len(letters)))] if rng.random() < 0.2 else letters)


def in_zip(data, rng):
    """Damage one member of a zip archive, which is whole again afterwards."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as other:
        names = archive.namelist()
        struck = names[int(rng.integers(len(names)))]
        for name in names:
            content = archive.read(name)
            if name == struck:
                content = (in_json if name.endswith(".json") else mutated)(content, rng)
            other.writestr(name, content)
    return out.getvalue()


def in_body(data, rng):
    """Change a byte or two behind the boxes, in what the codec reads."""
    broken = bytearray(data)
    for at in rng.integers(len(broken) // 2, len(broken), rng.integers(1, 3)):
        broken[at] ^= 1 << int(rng.integers(8))
    return bytes(broken)


def in_words(data, rng):
    """Exchange, repeat or remove words of a text."""
    words = data.split(b" ")
    most = 1 + int(0.1 * len(words)) % 6
    for at in rng.integers(0, len(words), rng.integers(1, 1 + most)):
        other = words[int(rng.integers(len(words)))]
        words[at] = [other, b"", b"nan", b"-1", b"1e999", b"[", b"()", words[at] * 9][
            int(rng.integers(8))
        ]
    return b" ".join(words)


def inside(data):
    """Return what damages the inside of such a file, None if it has none that is known."""
    if data.startswith(b"PK"):
        return in_zip
    if data.startswith(TEXTS):
        return in_words
    if data[4:8] in (b"ftyp", b"JXL ") or data.startswith(b"\xff\x0a"):
        return in_body
    return in_json if data.lstrip()[:1] in (b"{", b"[") else None


def damaged(data, rng, share=0.7):
    """Return ``data`` damaged, mostly on the inside if it has one."""
    within = inside(data)
    return (within if within is not None and rng.random() < share else mutated)(data, rng)
