"""The golden bytes of protocol 3.1; written anew by ``python -m tests.shared.golden_files``.

One file a message: a line of hexadecimal digits per frame. To change one is to change what
servers and add-ons in the field understand: see "Versions" in docs/protocol.md first.
"""

from pathlib import Path

from tests.shared.samples import MESSAGE_ID, PARENT_ID, samples

from livescape_shared.codec import encode

FOLDER = Path(__file__).parent / "golden"


def encoded(message):
    frames = encode(message, message_id=MESSAGE_ID, parent=PARENT_ID)
    return [bytes(frame) for frame in frames]


def read_golden(name):
    lines = (FOLDER / f"{name}.hex").read_text(encoding="ascii").split("\n")
    return [bytes.fromhex(line) for line in lines[:-1]]


def write_golden():
    FOLDER.mkdir(exist_ok=True)
    for name, message in samples().items():
        text = "".join(frame.hex() + "\n" for frame in encoded(message))
        (FOLDER / f"{name}.hex").write_text(text, encoding="ascii")


if __name__ == "__main__":
    write_golden()
