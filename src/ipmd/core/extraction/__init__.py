"""Document → candidates: outcome statements on their exact words, with kind, actors, status, deadline, themes and reasons."""

from ipmd.core.extraction.candidate import Candidate, Deadline, OutcomeKind, OutcomeStatus
from ipmd.core.extraction.extract import candidate_to_json, extract
from ipmd.core.extraction.language import Language, load_language, load_languages
from ipmd.core.extraction.model import Model, shipped_model
from ipmd.core.extraction.names import Gazetteer, resolve_actors
from ipmd.core.extraction.readers import LanguageModelReader, Reader

__all__ = [
    "Candidate",
    "Deadline",
    "Gazetteer",
    "Language",
    "LanguageModelReader",
    "Model",
    "OutcomeKind",
    "OutcomeStatus",
    "Reader",
    "candidate_to_json",
    "extract",
    "load_language",
    "load_languages",
    "resolve_actors",
    "shipped_model",
]
