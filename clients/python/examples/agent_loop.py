"""An agent that answers questions with tools: its prompt and its settings come from the server, and all it does goes there.

Run it with AGENTDATA_URL, AGENTDATA_CLIENT_ID and AGENTDATA_CLIENT_SECRET in the environment. The model is a stub.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from agentdata import AgentData, Conflict, Recorder


@dataclass
class Reply:
    """What a model says: a call of a tool, or an answer."""

    text: str
    tool: str | None = None
    arguments: dict[str, int] | None = None


class StubModel:
    """Stands in for a model: wants to know what numbers add up to, and then says it."""

    def complete(self, messages: list[dict[str, str]], temperature: float) -> Reply:
        said = messages[-1]
        if said["role"] == "tool":
            return Reply(f"The answer is {said['content']}.")
        numbers = [int(word) for word in said["content"].rstrip("?").split() if word.isdigit()]
        return Reply("", tool="add", arguments={"a": numbers[0], "b": numbers[1]})


def set_up(client: AgentData, name: str) -> UUID:
    """The agent of this name; a new one gets a prompt and its settings."""
    try:
        agent_id = client.agents.create(name=name, model="stub").id
    except Conflict:
        return next(iter(client.agents.list(name=name))).id
    client.prompts.create(
        agent_id,
        type="chat",
        messages=[
            {"role": "system", "content": "You answer {{ audience }} with the help of tools."},
            {"placeholder": "turns"},
        ],
        labels=["production"],
    )
    client.configs.set(agent_id, key="model.temperature", value=0.2)
    client.configs.set(agent_id, key="loop.max_turns", value=4)
    return agent_id


def answer(client: AgentData, agent_id: UUID, recorder: Recorder, question: str) -> str:
    """One conversation."""
    settings = {config.key: config.value for config in client.configs.list(agent_id)}
    # Kept for a minute, and for a day when the server is away.
    prompt = client.agent(agent_id).prompt("production")
    recorder.log("info", "asked", attributes={"question": question, "prompt_version": prompt.version})

    @recorder.tool
    def add(a: int, b: int) -> int:
        return a + b

    tools: dict[str, Callable[..., int]] = {"add": add}
    model, turns = StubModel(), [{"role": "user", "content": question}]
    for _ in range(settings["loop.max_turns"]):
        rendered = client.prompts.render(agent_id, prompt.version, variables={"audience": "pupils", "turns": turns})
        messages = [{"role": message.role, "content": message.content} for message in rendered.messages or []]
        start = time.perf_counter()
        reply = model.complete(messages, settings["model.temperature"])
        recorder.metric("model.latency", (time.perf_counter() - start) * 1000, unit="ms", attributes={"model": "stub"})
        if reply.tool is None:
            recorder.log("info", "answered", attributes={"answer": reply.text})
            return reply.text
        result = tools[reply.tool](**reply.arguments or {})
        turns.append({"role": "tool", "content": json.dumps(result)})
    recorder.log("warn", "gave up")
    return "I do not know."


def main() -> None:
    with AgentData() as client:
        agent_id = set_up(client, "adder in Python")
        # Delivers in the background, and the rest when the block is left.
        with client.agent(agent_id).recorder(session_id="lesson 1") as recorder:
            print(answer(client, agent_id, recorder, "How much is 19 and 23?"))
        print(recorder.report())
        for usage in client.tool_usage.list(agent_id, page_size=1):
            print(usage.tool_name, usage.status, usage.input_, usage.output, f"{usage.duration_ms} ms")
            break


if __name__ == "__main__":
    main()
