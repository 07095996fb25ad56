"""A linear model in plain arrays: is this statement an outcome, and of which kind. Inference needs NumPy alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from ipmd.core.extraction.candidate import OutcomeKind

SHIPPED = Path(__file__).parent / "model" / "model.json"


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature name. `calibration`: points (score, probability) of a rising step line; `threshold`: on the probability."""

    outcome: Mapping[str, float]
    bias: float
    kinds: tuple[str, ...]
    kind_weights: Mapping[str, tuple[float, ...]]
    kind_bias: tuple[float, ...]
    calibration: tuple[tuple[float, float], ...]
    threshold: float
    trained_on: str = ""

    def score(self, features: Mapping[str, float]) -> float:
        """Log-odds, uncalibrated, that the statement is an outcome."""
        weights = self.outcome
        return self.bias + sum(weights.get(name, 0.0) * value for name, value in features.items())

    def probability(self, score: float) -> float:
        """The calibrated probability for a score: straight lines between the calibration points."""
        points = self.calibration
        if not points:
            return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
        if score <= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in pairwise(points):
            if score <= x1:
                return y0 + (y1 - y0) * (score - x0) / (x1 - x0) if x1 > x0 else y1
        return points[-1][1]

    def kind(self, features: Mapping[str, float]) -> OutcomeKind:
        """The likeliest kind."""
        totals = list(self.kind_bias)
        for name, value in features.items():
            row = self.kind_weights.get(name)
            if row is not None:
                for index, weight in enumerate(row):
                    totals[index] += weight * value
        return OutcomeKind(self.kinds[max(range(len(totals)), key=totals.__getitem__)])

    def to_json(self) -> str:
        """As stored: one feature a line, weights rounded to five digits."""
        data = {
            "trained_on": self.trained_on,
            "threshold": self.threshold,
            "bias": self.bias,
            "outcome": dict(sorted(self.outcome.items())),
            "kinds": self.kinds,
            "kind_bias": self.kind_bias,
            "kind_weights": dict(sorted(self.kind_weights.items())),
            "calibration": self.calibration,
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace('],"', '],\n"').replace(',"', ',\n"') + "\n"

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read what :meth:`to_json` wrote. Raises `ValueError` (or `KeyError`) where it isn't a model."""
        data = json.loads(text)
        return cls(
            outcome={str(k): float(v) for k, v in data["outcome"].items()},
            bias=float(data["bias"]),
            kinds=tuple(OutcomeKind(kind).value for kind in data["kinds"]),
            kind_weights={str(k): tuple(map(float, v)) for k, v in data["kind_weights"].items()},
            kind_bias=tuple(map(float, data["kind_bias"])),
            calibration=tuple((float(x), float(y)) for x, y in data["calibration"]),
            threshold=float(data["threshold"]),
            trained_on=str(data.get("trained_on", "")),
        )


@cache
def shipped_model() -> Model:
    """The model that comes with the project."""
    return Model.from_json(SHIPPED.read_text("utf-8"))
