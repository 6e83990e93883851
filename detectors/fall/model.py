"""The trained classifier: ONNX bytes in, probabilities out. The format can't execute code (docs/adr/0003)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import onnxruntime

from core.readings import Bool, Float64
from detectors.fall.features import WINDOW, extract

INPUT, OUTPUT = "features", "probabilities"


class ModelError(Exception):
    """The model does not fit this code: other features, or no operating point."""


def as_input(features: Mapping[str, Float64], names: tuple[str, ...]) -> np.ndarray:
    """float32[n, len(names)] for the model, training and inference alike.

    Values are rounded to half precision first: a tree's threshold halfway between two of them is exact in float32, so
    the exported trees decide as the trained ones, and the last bits of a different processor's arithmetic do not show.
    """
    columns = np.stack([features[name] for name in names], axis=1)
    return columns.clip(-65504, 65504).astype(np.float16).astype(np.float32)


class FallModel:
    """A classifier of windows around impacts.

    names: of its features, in order. threshold: the operating point that was frozen when it was trained. metadata: what
    the training wrote about itself. Raises ModelError for a model that does not fit.
    """

    def __init__(self, onnx: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        self.metadata: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        try:
            self.names = tuple(json.loads(self.metadata["features"]))
            self.threshold = float(self.metadata["threshold"])
            self.version = self.metadata["version"]
        except (KeyError, ValueError) as error:
            raise ModelError(f"the model's metadata lacks or garbles {error}") from error
        known = extract(*_one_window()).keys()
        if unknown := [name for name in self.names if name not in known]:
            raise ModelError(f"the model reads features that there are not: {', '.join(unknown)}")

    def probability(self, features: Mapping[str, Float64]) -> Float64:
        """Probability of a fall for n windows' features (`features.extract`): float64[n], rounded to four digits.

        Rounded so that the last bit of a sum in single precision never decides.
        """
        (output,) = self._session.run([OUTPUT], {INPUT: as_input(features, self.names)})
        return np.asarray(np.asarray(output)[:, 1].astype(np.float64).round(4), np.float64)


@cache
def shipped() -> FallModel:
    """The model that comes with Kanhu (`detectors/models/fall.onnx`, its card beside it)."""
    return FallModel((files("detectors.models") / "fall.onnx").read_bytes())


def _one_window() -> tuple[Float64, Bool]:
    return np.ones((1, WINDOW, 3)), np.ones((1, WINDOW), np.bool_)
