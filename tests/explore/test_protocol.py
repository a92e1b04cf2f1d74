"""Messages of the studio's page are checked, and pictures are packed as the page unpacks them."""

from __future__ import annotations

import json
import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarender.live.messages import PixelPatch, StatePicture
from gradreel.errors import UsageError
from gradreel.explore.film_preview import video_in
from gradreel.explore.protocol import MakeStill, OpenScene, ShowState, encode_picture, parse_request


def test_requests_of_the_page_are_read():
    opened = parse_request('{"do": "open", "scene": "A", "params": {"x": "1"}, "step": -1}')
    assert opened == OpenScene("A", {"x": "1"}, -1)
    shown = parse_request('{"do": "show", "step": 2, "values": {"x": 1}, "whole": false}')
    assert shown == ShowState(2, {"x": 1.0}, False)
    text = '{"do": "show", "step": 2, "values": {}, "whole": true, "pressed": ["a", "b", "a"]}'
    assert parse_request(text) == ShowState(2, {}, True, ("a", "b", "a"))
    text = '{"do": "still", "step": 2, "values": {"x": 1}, "pressed": ["a"], "format": "svg"}'
    assert parse_request(text) == MakeStill(ShowState(2, {"x": 1.0}, True, ("a",)), "svg")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{", '{"do": "open"}', '{"do": "run", "code": "1"}', "[" * 9999,
        '{"do": "open", "scene": "A", "params": {"x": 1}, "step": 0}',
        '{"do": "open", "scene": 5, "params": {}, "step": 0}',
        '{"do": "show", "step": 0, "values": {"x": "a"}, "whole": true}',
        '{"do": "show", "step": 0, "values": {"x": NaN}, "whole": true}',
        '{"do": "show", "step": 0, "values": {"x": 1e999}, "whole": true}',
        '{"do": "show", "step": 0, "values": {"x": null}, "whole": true}',
        '{"do": "show", "step": 0, "values": {}, "whole": true, "pressed": [1]}',
        '{"do": "show", "step": 0, "values": {}, "whole": true, "pressed": "step()"}',
        '{"do": "show", "step": 0, "values": {}, "whole": true, "pressed": ['
        + '"a",' * 600 + '"a"]}',
        '{"do": "open", "scene": "A", "params": {"x": "' + "1" * 20_000 + '"}, "step": 0}',
    ],
)  # fmt: skip
def test_anything_else_is_a_plain_error(text):
    with pytest.raises(UsageError):
        parse_request(text)


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.sampled_from(["do", "scene", "params", "step",
    "values", "whole"]) | st.text(), inner, max_size=6), max_leaves=8))  # fmt: skip
def test_no_message_raises_anything_but_a_usage_error(message):
    with suppress(UsageError):
        parse_request(json.dumps(message))


def test_a_picture_is_a_header_and_the_bytes_of_its_patches():
    patches = (PixelPatch(1, 2, 1, 1, b"abcd"), PixelPatch(3, 4, 1, 2, b"efghijkl"))
    data = encode_picture(StatePicture(5, 6, (8, 9), patches, {"numbers": []}, 0.1))
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    assert header["patches"] == [[1, 2, 1, 1], [3, 4, 1, 2]]
    assert (header["step"], header["size"]) == (6, [8, 9])
    assert (4 + length) % 4 == 0
    assert data[4 + length :] == b"abcdefghijkl"


def test_only_videos_of_the_media_folder_are_served(tmp_path):
    folder = tmp_path / "videos" / "p"
    folder.mkdir(parents=True)
    (folder / "A.mp4").write_bytes(b"v")
    (folder / "A.json").write_text("{}")
    (tmp_path / "secret.mp4").write_bytes(b"s")
    (folder / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    assert video_in(tmp_path, "p/A.mp4") == (folder / "A.mp4").resolve()
    for name in ("p/A.json", "../secret.mp4", "p/../../secret.mp4", "/etc/passwd", "p/link.mp4",
                 "p", "", "p/none.mp4"):  # fmt: skip
        assert video_in(tmp_path, name) is None
