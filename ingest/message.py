"""A message as a source hands it to the pipeline."""

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """One MQTT publish.

    arrival: when we got it, micros, strictly increasing from message to message of a source, so that it names one.
    packet_id, qos, generation: what the source needs to acknowledge it; a packet id means something only within the
    connection (`generation`) that it came over. duplicate: the broker sends it again and it may have been handled.
    retained: the broker had kept it and sends it because we subscribed anew; it may be days old.
    """

    topic: str
    payload: bytes
    arrival: int
    packet_id: int = 0
    qos: int = 1
    duplicate: bool = False
    retained: bool = False
    generation: int = 0
