# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class for what a job has many of, such as builds. What is done with them is in `_lifecycle/`."""

from __future__ import annotations

import math
import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from .. import _errors as errors
from .._http.client import Client, Page
from .._http.messages import Request
from .._timestamps import unix_time
from .jobs import Job, path_segment

Item = dict[str, t.Any]  # A build or a run as in results: always the same keys, None if the API sent no valid value.

MAX_FIELD = 1000  # Characters of an ID, a branch, or a status.
MAX_MESSAGE = 4000  # Characters.

ORDER_SHOWN_BY = 20  # After so many items in strictly descending order, assume that the list is sorted.


class Listing(t.NamedTuple):
    """What was read of a list, newest first. `is_complete` is whether nothing was left unread."""

    items: list[Item]
    pages: int
    is_enough: bool
    is_complete: bool


class Resource:
    """The items of one kind that a job has. Subclasses set the class attributes and implement the abstract methods."""

    noun: t.ClassVar[str]
    path: t.ClassVar[str]  # The last segment of the list's path.
    log_path: t.ClassVar[str]  # The last segment of the log's path.
    fields: t.ClassVar[dict[str, tuple[type, ...]]]  # Keys and documented types. The API's names are the same in camelCase.
    started_key: t.ClassVar[str]
    ended_key: t.ClassVar[str]
    permissions: t.ClassVar[dict[str, str]]  # What the token's role needs for each request, named as in the documentation.
    statuses: t.ClassVar[tuple[str, ...]]  # The known ones.
    aborted: t.ClassVar[str]  # The status of an aborted item.

    def __init__(self, client: Client, job: Job) -> None:
        self.client = client
        self.job = job
        self.plural = f"{self.noun}s"
        self.id_option = f"{self.noun}_id"
        self.failed_kind = f"{self.noun}_failed"
        self.wait_module = f"northflank_job_{self.noun}_wait"

    def has_ended(self, item: Item) -> bool:
        raise NotImplementedError

    def has_succeeded(self, item: Item) -> bool:
        raise NotImplementedError

    def has_verdict(self, item: Item) -> bool:
        """Return whether an ended item says if it succeeded."""
        raise NotImplementedError

    def status(self, item: Item) -> str:
        """Return the status as documented, in upper case, or an empty string. Results have it as the API sent it."""
        return str(item["status"] or "").strip().upper()

    def matcher(self, body: dict[str, t.Any], deadline: float) -> t.Callable[[Item], bool]:
        """Return a predicate: may this item have been started by a request with this body?"""
        raise NotImplementedError

    def sole_match(self, body: dict[str, t.Any]) -> str:
        """Return in words, after "the only", what `matcher` matches."""
        return self.noun

    def doubt(self, item: Item, lost_at: float, deadline: float) -> str:
        """Return why an item may be somebody else's although it is the only new match; empty if there is no reason.

        `lost_at` is when the response to the start was lost, by the server's clock.
        """
        return ""

    def preview(self, body: dict[str, t.Any], job: dict[str, t.Any] | None, warn: t.Callable[[str], None]) -> Item:
        """Return what is known of the item that a start would make. `job` is None if the token may not look it up."""
        return self.empty()

    def reason(self, item: Item) -> str | None:
        """Return what an item says about its status."""
        raise NotImplementedError

    def name(self, item_id: str) -> str:
        """Return the name of an item for messages."""
        return f"{self.noun} {item_id!r} of {self.job}"

    def start_request(self, body: dict[str, t.Any]) -> Request:
        """Return the request that starts an item. It is not idempotent, so it must not be retried like others."""
        return self._request("POST", self.path, f"start a {self.noun} of {self.job}", self.permissions["start"], body=body)

    def get(self, item_id: str, deadline: float | None = None, retries: int | None = None) -> Item:
        request = self._item_request("GET", item_id, "look up", self.permissions["read"])
        item = self.parse(request, self.client.request(request, deadline, retries).json["data"])
        if item["id"].casefold() != item_id.casefold():
            raise self.client.messages.invalid_response(request, f"is about another {self.noun}")
        return {**item, "id": item_id}

    def abort(self, item_id: str, deadline: float | None = None) -> None:
        """Abort an item. Safe to retry: an item ends only once."""
        self.client.request(self._item_request("DELETE", item_id, "abort", self.permissions["abort"]), deadline)

    def pages(self, deadline: float | None = None, retries: int | None = None) -> t.Iterator[Page]:
        """Yield all items page by page; their order is undocumented."""
        request = self._request("GET", self.path, f"list the {self.plural} of {self.job}", self.permissions["list"])
        for page in self.client.pages(request, self.plural, deadline, retries):
            yield page._replace(entries=[self.parse(request, entry) for entry in page.entries])

    def newest_first(
        self,
        is_enough: t.Callable[[list[Item]], bool],
        deadline: float | None = None,
        retries: int | None = None,
        max_pages: int | None = None,
    ) -> Listing:
        """Return items sorted newest first, undated ones last.

        Reading stops early only if the pages so far were strictly newest first and `is_enough` accepts them: the API documents no order.
        """
        items: dict[str, Item] = {}
        in_order, oldest = True, math.inf
        number, page, enough = 0, Page([], True), True
        for number, page in enumerate(self.pages(deadline, retries), start=1):
            for item in page.entries:
                # Items that arrive meanwhile may push one to the next page, where it is seen again.
                if item["id"] not in items:
                    time = self.started_at(item)
                    in_order = in_order and time is not None and time < oldest
                    oldest = time or 0.0
                items[item["id"]] = item
            enough = page.is_last or (in_order and len(items) >= ORDER_SHOWN_BY and is_enough(list(items.values())))
            if enough or number == max_pages:
                break
        newest = sorted(items.values(), key=lambda item: self.started_at(item) or 0.0, reverse=True)
        return Listing(newest, number, enough, page.is_last)

    def log_request(self, item_id: str, params: dict[str, t.Any], **limit: t.Any) -> Request:
        """Return the request for lines of an item's log."""
        params = {"queryType": "range", f"{self.noun}Id": item_id, **params}
        return self._request(
            "GET", self.log_path, f"read the log of {self.name(item_id)}", self.permissions["logs"], params=params, **limit
        )

    def _item_request(self, method: str, item_id: str, verb: str, permission: str) -> Request:
        path = f"{self.path}/{path_segment(self.id_option, item_id)}"
        return self._request(method, path, f"{verb} {self.name(item_id)}", permission, f"Check {self.id_option}. ")

    def _request(self, method: str, path: str, description: str, permission: str, hint: str = "", **more: t.Any) -> Request:
        return Request(method, f"{self.job.path}/{path}", description, permission, hint + self.job.not_found_hint, **more)

    def started_at(self, item: Item) -> float | None:
        """Return when an item was started, as Unix time by the server's clock."""
        return unix_time(item[self.started_key])

    def ended_at(self, item: Item) -> float | None:
        """Return when an item ended, as Unix time by the server's clock."""
        return unix_time(item[self.ended_key])

    def empty(self, **known: t.Any) -> Item:
        """Return an item with all keys set to None except the given ones."""
        return {**dict.fromkeys(self.fields), **self.job._asdict(), **known}

    def parse(self, request: Request, data: t.Any) -> Item:
        """Return an item of a response, with only the documented keys and types."""
        if not isinstance(data, dict) or not _is_id(data.get("id")):
            raise self.client.messages.invalid_response(request, f"has a {self.noun} without an ID")
        names = snake_dict_to_camel_dict({key: key for key in self.fields})
        values = {key: valid_or_none(data.get(name), self.fields[key]) for name, key in names.items() if key != "message"}
        message = data.get("message")
        if "message" in self.fields and isinstance(message, str):
            values["message"] = self.client.redactor.line(message, MAX_MESSAGE)
        return self.empty(**values)


def valid_or_none(value: t.Any, types: tuple[type, ...]) -> t.Any:
    """Return the value, or None if it has the wrong type or is too long."""
    # A bool is an int in Python, but not in JSON.
    fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    return value if fits and not (isinstance(value, str) and len(value) > MAX_FIELD) else None


def _is_id(item_id: t.Any) -> bool:
    try:
        return isinstance(item_id, str) and len(item_id) <= MAX_FIELD and bool(path_segment("id", item_id))
    except errors.InvalidArgumentsError:
        return False
