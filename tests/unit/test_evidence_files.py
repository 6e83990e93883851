"""Which files are kept, and what they are called."""

import pytest

from alerts.evidence_files import TYPES, is_what_it_says, safe_name, shown_inline

BEGINS = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n",
    "audio/mpeg": b"ID3\x04\x00",
    "audio/ogg": b"OggS\x00\x02",
    "audio/mp4": b"\x00\x00\x00\x20ftypM4A ",
}


def test_each_kind_begins_as_itself_and_as_no_other() -> None:
    assert set(BEGINS) == set(TYPES)
    for kind, content in BEGINS.items():
        assert [other for other in TYPES if is_what_it_says(other, content)] == [kind]


@pytest.mark.parametrize("frame", [b"\xff\xfb\x90\x64", b"\xff\xf3\x40", b"\xff\xe3"])
def test_a_recording_without_a_tag_begins_with_a_frame(frame: bytes) -> None:
    assert is_what_it_says("audio/mpeg", frame)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"MZ\x90\x00",
        b"PK\x03\x04",
        b" %PDF-1.7",
        b"\xff\xe8\x00",
        b"\xff\xf1\x50\x80",
        b"GIF89a",
    ],
)
def test_nothing_else_is_taken_for_any(content: bytes) -> None:
    assert not any(is_what_it_says(kind, content) for kind in TYPES)


def test_what_is_not_kept_has_no_beginning() -> None:
    with pytest.raises(KeyError):
        is_what_it_says("text/html", b"<html>")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("门厅.jpg", "门厅.jpg"),
        ("IMG_0001.JPEG", "IMG_0001.JPEG"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\li\\kitchen.jpg", "kitchen.jpg"),
        ("page.html", "page.html.jpg"),
        ("photo\u202egpj.exe", "photo gpj.exe.jpg"),
        ('a"b<c>|d?.jpg', "a_b_c__d_.jpg"),
        ("line\r\nSet-Cookie: x=1.jpg", "line Set-Cookie_ x=1.jpg"),
        ("   ", "file.jpg"),
        ("..", "file.jpg"),
        (".jpg", "jpg.jpg"),
        ("x" * 300, "x" * 120 + ".jpg"),
    ],
)
def test_a_name_is_only_a_name_with_the_ending_of_its_kind(given: str, kept: str) -> None:
    assert safe_name(given, "image/jpeg") == kept


def test_only_pictures_are_shown_in_place() -> None:
    assert {kind for kind in TYPES if shown_inline(kind)} == {"image/jpeg", "image/png", "image/webp"}
