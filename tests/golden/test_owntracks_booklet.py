"""OwnTracks messages as its booklet and posters print them (https://owntracks.org/booklet/tech/json/)."""

import pytest

from tests.support.decoding import decoded, positions, readings, reasons

# A `location` with the elements and types of the booklet's list.
LOCATION = (
    b'{"_type":"location","acc":65,"alt":13,"batt":97,"bs":1,"conn":"w","created_at":1691244725,"lat":49.0156556,'
    b'"lon":8.3975169,"t":"u","tid":"ne","tst":1691244711,"vac":10,"vel":0,"inregions":["Home","Garage"]}'
)
TRANSITION = (
    b'{"_type":"transition","wtst":1425042603,"lat":12.34,"lon":44.5,"tst":1427634603,"acc":130,"tid":"JP",'
    b'"event":"enter","desc":"my Indian restaurant","t":"b"}'
)
LWT = b'{"_type":"lwt","tst":1427634603}'


@pytest.mark.parametrize("topic", ["owntracks/h1/phone", "kanhu/v1/h1/phone/location"])
def test_location(topic: str) -> None:
    batch = decoded(topic, LOCATION)
    assert batch.devices == (("h1", "phone"),)
    assert positions(batch) == [(49.0156556, 8.3975169, 65.0, "gnss")]
    assert batch.positions.time.tolist() == [1_691_244_711_000_000]
    assert readings(batch) == [("battery", 97.0)]
    assert batch.readings.time.tolist() == [1_691_244_725_000_000]
    assert not batch.timeless.any()
    assert not batch.rejects


def test_transition() -> None:
    batch = decoded("owntracks/h1/phone/event", TRANSITION)
    assert positions(batch) == [(12.34, 44.5, 130.0, "beacon")]
    assert batch.positions.time.tolist() == [1_427_634_603_000_000]


def test_last_will_is_of_its_arrival() -> None:
    batch = decoded("owntracks/h1/phone", LWT, retained=True)
    assert readings(batch) == [("online", 0.0)]
    assert batch.readings.time.tolist() == batch.readings.arrival.tolist()
    assert batch.timeless.tolist() == [True]


def test_what_the_app_says_to_itself_is_ignored() -> None:
    card = b'{"_type":"card","name":"Jane","face":"iVBORw0KGgo=","tid":"JJ"}'
    batch = decoded("owntracks/h1/phone", card, b'{"_type":"waypoint","desc":"Home","tst":1427634603}')
    assert batch.ignored == 2
    assert not batch.rejects


def test_encrypted_is_refused_with_what_to_do() -> None:
    batch = decoded("owntracks/h1/phone", b'{"_type":"encrypted","data":"IuyFnzJGOoAWb"}')
    assert reasons(batch) == ["unsupported"]
    assert "secret key" in batch.rejects[0].detail
