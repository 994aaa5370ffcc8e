"""Versions of what an agent is told, and the labels on them.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from agentdata_client import models

from .. import params
from .._call import (
    UNSET,
    Call,
    Unset,
    entity_tags,
    json_body,
    key_or_new,
    path,
)
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Prompts:
    """Versions of what an agent is told, and the labels on them."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        label: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Prompt]:
        """List an agent's prompts.

        All versions, newest first. A page has up to `page_size` items and ends earlier at 8 MiB; follow
        `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            label: Only the version on which this label sits now; `latest` is the newest.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filter.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts", agent_id),
            query={"label": label, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return Pages(self._sender, call, models.PromptPage.from_dict)

    def create(
        self,
        agent_id: UUID | str,
        *,
        type: models.PromptType,
        template: str | None | Unset = UNSET,
        messages: Sequence[params.PromptMessage] | None | Unset = UNSET,
        config: Mapping[str, object] | Unset = UNSET,
        description: str | None | Unset = UNSET,
        labels: Sequence[str] | Unset = UNSET,
        parent_version: int | None | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Prompt:
        """Create a version of an agent's prompt.

        The new version gets the next number: 1, 2, 3 and so on without gaps, whoever else writes at
        the same time. It never changes afterwards. Labels move to it in the same step, and `latest`
        does by itself. Content that equals that of the newest version is accepted, and
        `identical_to_previous` says so. A template that does not parse is refused with the line and
        the column. Send an `Idempotency-Key` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            type: Whether it is one text, and has a `template`, or a chat, and has `messages`.
            template: The template of a text, in the syntax of MiniJinja as `render_prompt` describes it.
            messages: The messages of a chat. Each `content` is a template; together they may have 200,000
                characters.
            config: What goes with it: model, temperature and the like; at most 64 KiB of compact JSON.
            description: What is new in this version, in words. Default: null.
            labels: Labels to move to the new version at once. `latest` is always the newest version and not to be
                moved.
            parent_version: The version that the new one is made from; 0 means that there is none yet. When it is no
                longer the newest the answer is 409, so that two editors cannot overwrite each other unseen. Absent
                or null: whatever is the newest.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/prompts", agent_id),
            headers={"Idempotency-Key": key_or_new(idempotency_key), "Content-Type": "application/json"},
            content=json_body(
                {
                    "type": type,
                    "template": template,
                    "messages": messages,
                    "config": config,
                    "description": description,
                    "labels": labels,
                    "parent_version": parent_version,
                }
            ),
            safe=True,
        )
        return self._sender.request(call, models.Prompt.from_dict)

    def get(
        self,
        agent_id: UUID | str,
        version: int,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Prompt:
        """Get a version of an agent's prompt.

        A version never changes, so clients may keep it for ever. Which labels sit on it, the
        operations on labels tell.

        Args:
            agent_id: Id of the agent.
            version: Number of the version.
            if_none_match: Entity tags that the client has; when the version's is among them the answer is 304. A
                number stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts/{}", agent_id, version),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return self._sender.request(call, models.Prompt.from_dict)

    def render(
        self,
        agent_id: UUID | str,
        version: int,
        *,
        variables: Mapping[str, object] | Unset = UNSET,
    ) -> models.RenderedPrompt:
        """Render a version of an agent's prompt.

        Puts variables into the templates, which have the syntax of
        [MiniJinja](https://docs.rs/minijinja): `{{ name }}`, `{{ user.name|upper }}`,
        `{% if x is defined %}…{% else %}…{% endif %}`, `{% for d in documents %}…{% endfor %}`,
        `{% set %}`, `{% with %}`, `{% raw %}`, `{# comments #}`, tests, comparisons, and `range` of up
        to 1000 numbers. Text is not escaped. The filters are `abs`, `attr`, `bool`, `capitalize`,
        `count`, `d`, `default`, `dictsort`, `first`, `float`, `indent`, `int`, `items`, `join`,
        `last`, `length`, `lines`, `list`, `lower`, `map`, `max`, `min`, `reject`, `rejectattr`,
        `replace`, `reverse`, `round`, `select`, `selectattr`, `sort`, `split`, `string`, `title`,
        `tojson`, `trim`, `unique` and `upper`. There are no macros, no includes, no recursive loops,
        no `*` and no `**`.

        A variable that is used and not given is refused with 422, which names all that are missing;
        `{{ x|default("…") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
        rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.

        Args:
            agent_id: Id of the agent.
            version: Number of the version.
            variables: By name what the templates use, any JSON. For a placeholder a list of messages, each with
                `role` and `content`, which stand in the result as they are. What the prompt does not use is
                ignored.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/prompts/{}/render", agent_id, version),
            headers={"Content-Type": "application/json"},
            content=json_body({"variables": variables}),
            safe=True,
        )
        return self._sender.request(call, models.RenderedPrompt.from_dict)

    def diff(
        self,
        agent_id: UUID | str,
        version: int,
        *,
        against: int | Unset = UNSET,
    ) -> models.PromptDiff:
        """Compare two versions of an agent's prompt.

        What the version has that the one before it, or the one named by `against`, has not. The
        text that is compared line by line has the sections `# text` with the template, or `# chat`
        with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
        with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
        compared to the last line: after half a second the rest counts as deleted and inserted.

        Args:
            agent_id: Id of the agent.
            version: Number of the version that is looked at.
            against: Number of the version that it is compared with. Default: the one before; the first version is
                compared with nothing.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/agents/{}/prompts/{}/diff", agent_id, version), query={"against": against}, safe=True)
        return self._sender.request(call, models.PromptDiff.from_dict)

    def list_labels(
        self,
        agent_id: UUID | str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.PromptLabel]:
        """List the labels of an agent's prompts.

        By name. `latest` is not among them: it is always the newest version.

        Args:
            agent_id: Id of the agent.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET", path("/agents/{}/prompts/labels", agent_id), query={"limit": page_size, "cursor": cursor}, safe=True
        )
        return Pages(self._sender, call, models.PromptLabelPage.from_dict)

    def get_by_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Prompt:
        """Get the version that has a label.

        The version on which the label sits at this moment: once a move of the label is answered, no
        server answers with the version before. `latest` is the newest version.

        Args:
            agent_id: Id of the agent.
            label: The label, or `latest`.
            if_none_match: Entity tags that the client has; while the label sits on one of these versions the answer
                is 304. A number stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts/labels/{}", agent_id, label),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return self._sender.request(call, models.Prompt.from_dict)

    def set_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        version: int,
        if_match: int | str | Unset = UNSET,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.PromptLabel:
        """Put a label on a version.

        Makes the label, or moves it: it sits on one version at a time. Send `If-Match` with the
        version on which it must sit now, or `If-None-Match: *` when there must be no such label, so
        as not to undo what somebody else has done meanwhile. The move is kept with time and client;
        a label that sits there already is left as it is.

        Args:
            agent_id: Id of the agent.
            label: The label; not `latest`.
            version: A version of the agent's prompt.
            if_match: Entity tag, which is the version on which the label must sit now; else the answer is 412. A
                number stands for the `version` of what it is about.
            if_none_match: `*` when there must be no such label; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PUT",
            path("/agents/{}/prompts/labels/{}", agent_id, label),
            headers={
                "If-Match": entity_tags(if_match),
                "If-None-Match": entity_tags(if_none_match),
                "Content-Type": "application/json",
            },
            content=json_body({"version": version}),
            safe=True,
        )
        return self._sender.request(call, models.PromptLabel.from_dict)

    def delete_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete a label.

        The version stays, and so does the history of the label's moves.

        Args:
            agent_id: Id of the agent.
            label: The label; not `latest`.
            if_match: Entity tag, which is the version on which the label must sit now; else the answer is 412. A
                number stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/agents/{}/prompts/labels/{}", agent_id, label),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        self._sender.request_nothing(call)

    def render_by_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        variables: Mapping[str, object] | Unset = UNSET,
    ) -> models.RenderedPrompt:
        """Render the version that has a label.

        As `render_prompt` does, with the version on which the label sits at this moment; the answer
        says which one that was.

        Args:
            agent_id: Id of the agent.
            label: The label, or `latest`.
            variables: By name what the templates use, any JSON. For a placeholder a list of messages, each with
                `role` and `content`, which stand in the result as they are. What the prompt does not use is
                ignored.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/prompts/labels/{}/render", agent_id, label),
            headers={"Content-Type": "application/json"},
            content=json_body({"variables": variables}),
            safe=True,
        )
        return self._sender.request(call, models.RenderedPrompt.from_dict)

    def list_label_moves(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.PromptLabelMove]:
        """List the moves of a label.

        Newest first: to which version the label went, when, and who moved it. They are kept when the
        label is deleted.

        Args:
            agent_id: Id of the agent.
            label: The label; not `latest`, which moves with every new version.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts/labels/{}/moves", agent_id, label),
            query={"limit": page_size, "cursor": cursor},
            safe=True,
        )
        return Pages(self._sender, call, models.PromptLabelMovePage.from_dict)


class AsyncPrompts:
    """Versions of what an agent is told, and the labels on them."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        label: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Prompt]:
        """List an agent's prompts.

        All versions, newest first. A page has up to `page_size` items and ends earlier at 8 MiB; follow
        `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            label: Only the version on which this label sits now; `latest` is the newest.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filter.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts", agent_id),
            query={"label": label, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return AsyncPages(self._sender, call, models.PromptPage.from_dict)

    async def create(
        self,
        agent_id: UUID | str,
        *,
        type: models.PromptType,
        template: str | None | Unset = UNSET,
        messages: Sequence[params.PromptMessage] | None | Unset = UNSET,
        config: Mapping[str, object] | Unset = UNSET,
        description: str | None | Unset = UNSET,
        labels: Sequence[str] | Unset = UNSET,
        parent_version: int | None | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Prompt:
        """Create a version of an agent's prompt.

        The new version gets the next number: 1, 2, 3 and so on without gaps, whoever else writes at
        the same time. It never changes afterwards. Labels move to it in the same step, and `latest`
        does by itself. Content that equals that of the newest version is accepted, and
        `identical_to_previous` says so. A template that does not parse is refused with the line and
        the column. Send an `Idempotency-Key` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            type: Whether it is one text, and has a `template`, or a chat, and has `messages`.
            template: The template of a text, in the syntax of MiniJinja as `render_prompt` describes it.
            messages: The messages of a chat. Each `content` is a template; together they may have 200,000
                characters.
            config: What goes with it: model, temperature and the like; at most 64 KiB of compact JSON.
            description: What is new in this version, in words. Default: null.
            labels: Labels to move to the new version at once. `latest` is always the newest version and not to be
                moved.
            parent_version: The version that the new one is made from; 0 means that there is none yet. When it is no
                longer the newest the answer is 409, so that two editors cannot overwrite each other unseen. Absent
                or null: whatever is the newest.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/prompts", agent_id),
            headers={"Idempotency-Key": key_or_new(idempotency_key), "Content-Type": "application/json"},
            content=json_body(
                {
                    "type": type,
                    "template": template,
                    "messages": messages,
                    "config": config,
                    "description": description,
                    "labels": labels,
                    "parent_version": parent_version,
                }
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Prompt.from_dict)

    async def get(
        self,
        agent_id: UUID | str,
        version: int,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Prompt:
        """Get a version of an agent's prompt.

        A version never changes, so clients may keep it for ever. Which labels sit on it, the
        operations on labels tell.

        Args:
            agent_id: Id of the agent.
            version: Number of the version.
            if_none_match: Entity tags that the client has; when the version's is among them the answer is 304. A
                number stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts/{}", agent_id, version),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return await self._sender.request(call, models.Prompt.from_dict)

    async def render(
        self,
        agent_id: UUID | str,
        version: int,
        *,
        variables: Mapping[str, object] | Unset = UNSET,
    ) -> models.RenderedPrompt:
        """Render a version of an agent's prompt.

        Puts variables into the templates, which have the syntax of
        [MiniJinja](https://docs.rs/minijinja): `{{ name }}`, `{{ user.name|upper }}`,
        `{% if x is defined %}…{% else %}…{% endif %}`, `{% for d in documents %}…{% endfor %}`,
        `{% set %}`, `{% with %}`, `{% raw %}`, `{# comments #}`, tests, comparisons, and `range` of up
        to 1000 numbers. Text is not escaped. The filters are `abs`, `attr`, `bool`, `capitalize`,
        `count`, `d`, `default`, `dictsort`, `first`, `float`, `indent`, `int`, `items`, `join`,
        `last`, `length`, `lines`, `list`, `lower`, `map`, `max`, `min`, `reject`, `rejectattr`,
        `replace`, `reverse`, `round`, `select`, `selectattr`, `sort`, `split`, `string`, `title`,
        `tojson`, `trim`, `unique` and `upper`. There are no macros, no includes, no recursive loops,
        no `*` and no `**`.

        A variable that is used and not given is refused with 422, which names all that are missing;
        `{{ x|default("…") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
        rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.

        Args:
            agent_id: Id of the agent.
            version: Number of the version.
            variables: By name what the templates use, any JSON. For a placeholder a list of messages, each with
                `role` and `content`, which stand in the result as they are. What the prompt does not use is
                ignored.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/prompts/{}/render", agent_id, version),
            headers={"Content-Type": "application/json"},
            content=json_body({"variables": variables}),
            safe=True,
        )
        return await self._sender.request(call, models.RenderedPrompt.from_dict)

    async def diff(
        self,
        agent_id: UUID | str,
        version: int,
        *,
        against: int | Unset = UNSET,
    ) -> models.PromptDiff:
        """Compare two versions of an agent's prompt.

        What the version has that the one before it, or the one named by `against`, has not. The
        text that is compared line by line has the sections `# text` with the template, or `# chat`
        with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
        with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
        compared to the last line: after half a second the rest counts as deleted and inserted.

        Args:
            agent_id: Id of the agent.
            version: Number of the version that is looked at.
            against: Number of the version that it is compared with. Default: the one before; the first version is
                compared with nothing.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("GET", path("/agents/{}/prompts/{}/diff", agent_id, version), query={"against": against}, safe=True)
        return await self._sender.request(call, models.PromptDiff.from_dict)

    def list_labels(
        self,
        agent_id: UUID | str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.PromptLabel]:
        """List the labels of an agent's prompts.

        By name. `latest` is not among them: it is always the newest version.

        Args:
            agent_id: Id of the agent.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET", path("/agents/{}/prompts/labels", agent_id), query={"limit": page_size, "cursor": cursor}, safe=True
        )
        return AsyncPages(self._sender, call, models.PromptLabelPage.from_dict)

    async def get_by_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Prompt:
        """Get the version that has a label.

        The version on which the label sits at this moment: once a move of the label is answered, no
        server answers with the version before. `latest` is the newest version.

        Args:
            agent_id: Id of the agent.
            label: The label, or `latest`.
            if_none_match: Entity tags that the client has; while the label sits on one of these versions the answer
                is 304. A number stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts/labels/{}", agent_id, label),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return await self._sender.request(call, models.Prompt.from_dict)

    async def set_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        version: int,
        if_match: int | str | Unset = UNSET,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.PromptLabel:
        """Put a label on a version.

        Makes the label, or moves it: it sits on one version at a time. Send `If-Match` with the
        version on which it must sit now, or `If-None-Match: *` when there must be no such label, so
        as not to undo what somebody else has done meanwhile. The move is kept with time and client;
        a label that sits there already is left as it is.

        Args:
            agent_id: Id of the agent.
            label: The label; not `latest`.
            version: A version of the agent's prompt.
            if_match: Entity tag, which is the version on which the label must sit now; else the answer is 412. A
                number stands for the `version` of what it is about.
            if_none_match: `*` when there must be no such label; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PUT",
            path("/agents/{}/prompts/labels/{}", agent_id, label),
            headers={
                "If-Match": entity_tags(if_match),
                "If-None-Match": entity_tags(if_none_match),
                "Content-Type": "application/json",
            },
            content=json_body({"version": version}),
            safe=True,
        )
        return await self._sender.request(call, models.PromptLabel.from_dict)

    async def delete_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete a label.

        The version stays, and so does the history of the label's moves.

        Args:
            agent_id: Id of the agent.
            label: The label; not `latest`.
            if_match: Entity tag, which is the version on which the label must sit now; else the answer is 412. A
                number stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/agents/{}/prompts/labels/{}", agent_id, label),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        await self._sender.request_nothing(call)

    async def render_by_label(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        variables: Mapping[str, object] | Unset = UNSET,
    ) -> models.RenderedPrompt:
        """Render the version that has a label.

        As `render_prompt` does, with the version on which the label sits at this moment; the answer
        says which one that was.

        Args:
            agent_id: Id of the agent.
            label: The label, or `latest`.
            variables: By name what the templates use, any JSON. For a placeholder a list of messages, each with
                `role` and `content`, which stand in the result as they are. What the prompt does not use is
                ignored.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/prompts/labels/{}/render", agent_id, label),
            headers={"Content-Type": "application/json"},
            content=json_body({"variables": variables}),
            safe=True,
        )
        return await self._sender.request(call, models.RenderedPrompt.from_dict)

    def list_label_moves(
        self,
        agent_id: UUID | str,
        label: str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.PromptLabelMove]:
        """List the moves of a label.

        Newest first: to which version the label went, when, and who moved it. They are kept when the
        label is deleted.

        Args:
            agent_id: Id of the agent.
            label: The label; not `latest`, which moves with every new version.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/prompts/labels/{}/moves", agent_id, label),
            query={"limit": page_size, "cursor": cursor},
            safe=True,
        )
        return AsyncPages(self._sender, call, models.PromptLabelMovePage.from_dict)
