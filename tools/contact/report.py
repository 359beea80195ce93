# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a contact: each question, and how the embedded API and the real one answer it."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.community.northflank.tools.contact.questions import QUESTIONS, Question, Transcript
from ansible_collections.community.northflank.tools.contact.transcript import Record


class Comparison(t.NamedTuple):
    """A question with both answers; None where a transcript does not tell."""

    question: Question
    ours: t.Any
    theirs: t.Any

    @property
    def verdict(self) -> str:
        if self.theirs is None or self.ours is None:
            return "not seen"
        return "same" if self.ours == self.theirs else "DIFFERENT"


def compare(ours: list[Record], theirs: list[Record]) -> list[Comparison]:
    """Compare the answers of two transcripts."""
    return [Comparison(question, question.answer(Transcript(ours)), question.answer(Transcript(theirs))) for question in QUESTIONS]


def differences(comparisons: list[Comparison]) -> list[Comparison]:
    return [comparison for comparison in comparisons if comparison.verdict == "DIFFERENT"]


def render(comparisons: list[Comparison], requests: int) -> str:
    """Return the report as Markdown."""
    different = differences(comparisons)
    unseen = sum(comparison.verdict == "not seen" for comparison in comparisons)
    lines = [
        "# Contact with Northflank's API",
        "",
        f"{requests} requests. {len(comparisons)} questions: {len(different)} answers are different, {unseen} were not seen.",
        "",
        "| Question | Why | Embedded API | This API | | Leans on it |",
        "|---|---|---|---|---|---|",
    ]
    for comparison in sorted(comparisons, key=lambda comparison: comparison.verdict):
        words, reason, leans, _answer = comparison.question
        cells = [words, reason, _cell(comparison.ours), _cell(comparison.theirs), comparison.verdict, leans]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _cell(answer: t.Any) -> str:
    return "" if answer is None else f"`{answer if isinstance(answer, str) else json.dumps(answer)}`"
