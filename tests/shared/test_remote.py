"""The line that introduces a server, keys as text, and the small records of who is known."""

import base64
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livescape_shared.errors import LivescapeError
from livescape_shared.remote.cards import Cards
from livescape_shared.remote.invitation import DEFAULT_PORT, MAX_LINE, Invitation, Place
from livescape_shared.remote.keys import KeyPair, fingerprint, key_from_text, key_text
from livescape_shared.remote.servers import PairedServer, Servers, clean_name

KEYS = st.binary(min_size=32, max_size=32)
HOSTS = st.sampled_from(["gpu-box", "gpu-box.lan", "192.168.1.20", "::1", "fe80::1", "localhost"])
PLACES = st.builds(Place, HOSTS, st.integers(1, 65535))


@given(KEYS)
def test_a_key_is_a_word_that_shells_leave_alone(key):
    assert key_from_text(key_text(key)) == key
    assert key_text(key).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "text", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "ä" * 43, "a" * 42 + "\n"]
)
def test_what_is_no_key_is_refused_without_being_repeated(text):
    with pytest.raises(ValueError, match="not whole") as caught:
        key_from_text(text)
    assert not text or text not in str(caught.value)


def test_zeromqs_alphabet_is_understood():
    """The example of RFC 32."""
    raw = bytes.fromhex("864FD26FB559F75B") * 4
    made = KeyPair.new(lambda: (b"HelloWorld" * 4, b"HelloWorld" * 4))
    assert made == KeyPair(raw, raw)
    assert KeyPair.of_secret(raw, lambda text: text).public == raw
    assert "secret" not in repr(made)


def test_a_fingerprint_is_short_and_tells_keys_apart():
    assert fingerprint(bytes(32)) == "6668-7aad-f862-bd77"
    assert fingerprint(b"1" * 32) != fingerprint(b"2" * 32)


@given(PLACES, KEYS, KEYS)
def test_a_line_says_where_who_and_with_what(place, key, secret):
    invitation = Invitation(place, key, secret)
    assert Invitation.parse(f"  {invitation.line()}\r\n") == invitation
    assert len(invitation.line().split()) == 1


LINE = Invitation(Place("gpu-box"), b"k" * 32, b"s" * 32).line()
NO_LINES = [
    "",
    "livescape://",
    LINE[:-1],
    LINE[10:],
    LINE + "x",
    LINE + "/x",
    LINE.replace("gpu-box", ""),
    LINE.replace("gpu-box", "gpu box"),
    LINE.replace("gpu-box", "-box"),
    LINE.replace(f":{DEFAULT_PORT}", ":0"),
    LINE.replace(f":{DEFAULT_PORT}", ":99999"),
    LINE.replace(f":{DEFAULT_PORT}", ":²"),
    LINE.replace("livescape", "https"),
    "x" * 10**6,
    LINE * 20,
    "\0",
]


@pytest.mark.parametrize("line", NO_LINES, ids=range(len(NO_LINES)))
def test_what_is_no_line_is_one_sentence(line):
    with pytest.raises(LivescapeError) as caught:
        Invitation.parse(line)
    assert caught.value.code == "pairing_line_invalid"
    assert len(caught.value.message) < 300
    assert LINE[-40:] not in caught.value.message


@given(
    st.text(max_size=200) | st.integers(0, len(LINE)).map(lambda at: LINE[:at] + "\n" + LINE[at:])
)
def test_anything_is_a_line_or_a_sentence(line):
    codes = []
    try:
        Invitation.parse(line)
    except LivescapeError as error:
        codes.append(error.code)
    assert set(codes) <= {"pairing_line_invalid"}


def test_a_file_holds_the_line_and_any_other_is_refused(tmp_path):
    path = tmp_path / "x.livescape-server"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be"):  # as Windows redirects it
        path.write_text(f"{LINE}\r\n", encoding=encoding)
        assert Invitation.read(path).line() == LINE
    for content in (b"", b"\xff" * 100, os.urandom(MAX_LINE * 10)):
        path.write_bytes(content)
        with pytest.raises(LivescapeError) as caught:
            Invitation.read(path)
        assert caught.value.code == "pairing_line_invalid"
    with pytest.raises(LivescapeError) as caught:
        Invitation.read(tmp_path)
    assert caught.value.code == "input_unreadable"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("gpu-box", Place("gpu-box", DEFAULT_PORT)),
        ("10.0.0.1:5", Place("10.0.0.1", 5)),
        ("[fe80::1]:5", Place("fe80::1", 5)),
        ("[::]", Place("::", DEFAULT_PORT)),
    ],
)
def test_places_are_written_as_usual(text, place):
    assert Place.parse(text) == place
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", ["", ":5", "a b", "::1", "[x]", "[::1]5", "a:", "a:b", "a:-1"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        Place.parse(text)


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
     ("10.0.0.1", False), ("gpu-box", False), ("0.0.0.0", False), ("127.0.0.1.x.y", False)],
)  # fmt: skip
def test_only_loopback_is_here(host, here):
    assert Place(host).is_here is here


def test_records_are_kept_replaced_and_removed(tmp_path):
    cards = Cards(tmp_path / "cards")
    one, two = b"1" * 32, b"2" * 32
    assert cards.get(one) is None
    assert list(cards.all()) == []
    cards.put(one, {"name": "a"})
    cards.put(two, {"name": "b"})
    cards.put(one, {"name": "c"})
    assert {key: values["name"] for key, values in cards.all()} == {one: "c", two: "b"}
    assert one in cards
    cards.remove(one)
    cards.remove(one)
    assert one not in cards
    assert [key for key, _ in cards.all()] == [two]


def test_a_record_that_is_damaged_or_elses_counts_as_missing(tmp_path):
    cards = Cards(tmp_path)
    cards.put(b"1" * 32, {"name": "a"})
    (path,) = tmp_path.iterdir()
    whole = path.read_text()
    foreign = {"key": key_text(b"2" * 32), "name": "thief"}
    for damage in ("", "[]", "[" * 9000, whole[:-2], json.dumps(foreign), '{"key": 3}', "\0"):
        path.write_text(damage)
        assert cards.get(b"1" * 32) is None
        assert list(cards.all()) == []
    (tmp_path / "other.json").write_text(whole)
    assert list(cards.all()) == []


def test_servers_have_names_unlike_each_other(tmp_path):
    servers = Servers(tmp_path)
    place = Place("gpu-box", 7)
    names = [servers.add(place, bytes([n]) * 32, "box").name for n in range(3)]
    assert names == ["box", "box 2", "box 3"]
    assert servers.add(Place("other", 8), bytes(32), "box") == PairedServer(
        "box", Place("other", 8), bytes(32)
    ), "its address has changed"
    assert servers.add(place, b"x" * 32, "").name == "gpu-box"
    assert servers.named("box 2").key == b"\1" * 32
    servers.remove(servers.named("box 2"))
    with pytest.raises(LivescapeError) as caught:
        servers.named("box 2")
    assert caught.value.code == "server_not_paired"
    assert "box, box 3, gpu-box" in caught.value.hint


def test_a_server_whose_record_is_damaged_is_left_out(tmp_path):
    servers = Servers(tmp_path)
    servers.add(Place("gpu-box"), bytes(32), "box")
    (path,) = (tmp_path / "client" / "servers").iterdir()
    values = json.loads(path.read_text())
    for damage in ({"host": 3}, {"host": "a b"}, {"port": "x"}, {"port": 0}, {"name": None}):
        path.write_text(json.dumps({**values, **damage}))
        assert servers.all() == []


def test_names_fit_on_one_line():
    assert clean_name(" gpu\n\tbox\u202e ") == "gpu box"
    assert len(clean_name("x" * 1000)) == 60


def test_texts_of_keys_are_base64_of_urls():
    assert base64.urlsafe_b64decode(key_text(bytes(range(32))) + "=") == bytes(range(32))
