"""The plain reference evaluator: the judge of the engine.

It takes a checked rule and a list of events and computes the detections by walking nested dictionaries, one copy and
one window at a time. It shares nothing with the engine below the front end: own row model, joins, windows, merging and
functions. It is slow on purpose; what matters is that every step can be read beside the language reference.
"""

from tests.reference.context import ReferenceContext
from tests.reference.detection import ReferenceDetection
from tests.reference.evaluator import evaluate

__all__ = ["ReferenceContext", "ReferenceDetection", "evaluate"]
