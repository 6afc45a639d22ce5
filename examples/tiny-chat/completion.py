"""OpenAI's request and answer, between JSON and the model: what is asked, checked field by field, and what is said."""

import random
import time
import uuid

from model import words_of

CHAT, TEXT = "chat.completion", "text_completion"
ROLES = ("system", "developer", "user", "assistant", "tool")


class Refused(Exception):
    """A request that is not answered; becomes OpenAI's error object."""

    def __init__(self, status, message, param=None, code=None):
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code

    def body(self):
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


class Request:
    def __init__(self, kind, body, model_name):
        if not isinstance(body, dict):
            raise Refused(400, "The body must be a JSON object.")
        self.kind = kind
        named = field(body, "model", str, model_name)
        if named != model_name:
            raise Refused(404, f"The model '{named}' does not exist; this server has '{model_name}'.", "model", "model_not_found")
        self.texts = messages_of(body) if kind == CHAT else [prompt_of(body)]
        self.beginning = "" if kind == CHAT else self.texts[0]
        self.stream = field(body, "stream", bool, False)
        self.include_usage = field(field(body, "stream_options", dict, {}), "include_usage", bool, False)
        self.temperature = field(body, "temperature", float, 0.7, 0, 2)
        default = field(body, "max_tokens", int, 100, 1)
        self.words_max = field(body, "max_completion_tokens", int, default, 1)
        seed = field(body, "seed", int, None)
        self.dice = random.Random(seed)
        field(body, "n", int, 1, 1, 1)
        self.stops = stops_of(body)


TYPE_NAMES = {str: "a string", bool: "true or false", int: "a whole number", float: "a number", dict: "an object", list: "a list"}


def field(body, name, kind, default, least=None, most=None):
    value = body.get(name)
    if value is None:
        return default
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise Refused(400, f"'{name}' must be {TYPE_NAMES[kind]}.", name)
    if (least is not None and not value >= least) or (most is not None and not value <= most):
        limits = f"{least} or more" if most is None else str(least) if least == most else f"between {least} and {most}"
        raise Refused(400, f"'{name}' must be {limits}.", name)
    return value


def messages_of(body):
    messages = field(body, "messages", list, [])
    if not messages:
        raise Refused(400, "'messages' must be a list with at least one message.", "messages")
    return [text_of_message(message, f"messages[{number}]") for number, message in enumerate(messages)]


def text_of_message(message, param):
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise Refused(400, f"'{param}' must be an object with a role: {', '.join(ROLES)}.", param)
    content = message.get("content") or ""
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content]
        content = "\n".join(parts) if all(isinstance(part, str) for part in parts) else None
    if not isinstance(content, str):
        raise Refused(400, f"'{param}.content' must be a string, or a list of text parts.", f"{param}.content")
    return content


def prompt_of(body):
    prompt = body.get("prompt", "")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        raise Refused(400, "'prompt' must be a string.", "prompt")
    return prompt


def stops_of(body):
    stop = body.get("stop")
    stops = [] if stop is None else [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or len(stops) > 4 or not all(isinstance(one, str) and one for one in stops):
        raise Refused(400, "'stop' must be a string, or a list of at most 4 strings.", "stop")
    return stops


class Completion:
    """One answer being made. `pieces` is run once; afterwards the reason for its end and the count of words are known."""

    def __init__(self, request, model, model_name):
        self.request, self.model = request, model
        self.finish_reason, self.word_count = None, 0
        prefix = "chatcmpl-" if request.kind == CHAT else "cmpl-"
        self.head = {"id": prefix + uuid.uuid4().hex, "created": int(time.time()), "model": model_name}

    def pieces(self):
        """The answer's text, a word at a time; what might be the start of a stop sequence is held back until it is clear."""
        request, held = self.request, ""
        said = self.model.generate(request.texts, request.dice, request.temperature, beginning=request.beginning)
        self.finish_reason = "stop"
        for piece in said:
            if self.word_count == request.words_max:
                self.finish_reason = "length"
                break
            self.word_count += 1
            held += piece
            places = [place for place in map(held.find, request.stops) if place >= 0]
            if places:
                held = held[: min(places)]
                break
            safe = len(held) - longest_beginning_of_a_stop(held, request.stops)
            if safe > 0:
                yield held[:safe]
                held = held[safe:]
        if held:
            yield held

    def usage(self):
        asked = sum(len(words_of(text)) for text in self.request.texts)
        return {"prompt_tokens": asked, "completion_tokens": self.word_count, "total_tokens": asked + self.word_count}

    def whole(self):
        text = "".join(self.pieces())
        said = {"message": {"role": "assistant", "content": text}} if self.request.kind == CHAT else {"text": text}
        choice = {"index": 0, **said, "logprobs": None, "finish_reason": self.finish_reason}
        return {**self.head, "object": self.request.kind, "choices": [choice], "usage": self.usage()}

    def chunks(self):
        is_chat = self.request.kind == CHAT
        if is_chat:
            yield self.chunk({"delta": {"role": "assistant", "content": ""}})
        for piece in self.pieces():
            yield self.chunk({"delta": {"content": piece}} if is_chat else {"text": piece})
        yield self.chunk({"delta": {}} if is_chat else {"text": ""}, self.finish_reason)
        if self.request.include_usage:
            yield {**self.chunk({}), "choices": [], "usage": self.usage()}

    def chunk(self, said, finish_reason=None):
        kind = "chat.completion.chunk" if self.request.kind == CHAT else TEXT
        choice = {"index": 0, **said, "logprobs": None, "finish_reason": finish_reason}
        return {**self.head, "object": kind, "choices": [choice]}


def longest_beginning_of_a_stop(text, stops):
    lengths = [length for stop in stops for length in range(1, len(stop)) if text.endswith(stop[:length])]
    return max(lengths, default=0)
