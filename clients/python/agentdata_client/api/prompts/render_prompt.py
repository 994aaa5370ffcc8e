from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.render_prompt import RenderPrompt
from ...models.rendered_prompt import RenderedPrompt
from ...types import Response


def _get_kwargs(
    agent_id: UUID,
    version: int,
    *,
    body: RenderPrompt,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/agents/{agent_id}/prompts/{version}/render".format(
            agent_id=quote(str(agent_id), safe=""),
            version=quote(str(version), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RenderedPrompt | None:
    if response.status_code == 200:
        response_200 = RenderedPrompt.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())

        return response_408

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if response.status_code == 504:
        response_504 = Problem.from_dict(response.json())

        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | RenderedPrompt]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Response[Problem | RenderedPrompt]:
    r"""Render a version of an agent's prompt

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
    `{{ x|default(\"…\") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
    rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.

    Args:
        agent_id (UUID):
        version (int):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RenderedPrompt]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        version=version,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Problem | RenderedPrompt | None:
    r"""Render a version of an agent's prompt

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
    `{{ x|default(\"…\") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
    rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.

    Args:
        agent_id (UUID):
        version (int):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RenderedPrompt
    """

    return sync_detailed(
        agent_id=agent_id,
        version=version,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Response[Problem | RenderedPrompt]:
    r"""Render a version of an agent's prompt

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
    `{{ x|default(\"…\") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
    rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.

    Args:
        agent_id (UUID):
        version (int):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RenderedPrompt]
    """

    kwargs = _get_kwargs(
        agent_id=agent_id,
        version=version,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    agent_id: UUID,
    version: int,
    *,
    client: AuthenticatedClient,
    body: RenderPrompt,
) -> Problem | RenderedPrompt | None:
    r"""Render a version of an agent's prompt

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
    `{{ x|default(\"…\") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
    rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.

    Args:
        agent_id (UUID):
        version (int):
        body (RenderPrompt): A request to render a version. Example: {'variables': {'product':
            'agentdata', 'mail': 'It does not start any more!'}}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RenderedPrompt
    """

    return (
        await asyncio_detailed(
            agent_id=agent_id,
            version=version,
            client=client,
            body=body,
        )
    ).parsed
