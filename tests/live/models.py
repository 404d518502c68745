#!/usr/bin/env python3
"""A model on loopback for real agents: it runs one shell command that leaks, then says it is done.

    models.py PORT

Speaks just enough of two APIs: Anthropic's Messages and Gemini's generateContent, both with and
without streaming. Never part of Tamis, and no model: the answer depends only on whether the request
already holds a tool's result.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMAND = "echo DATABASE_URL=postgres://app:hunter2-dummy@db/main AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"


def anthropic(request, shell):
    """The content blocks of an answer, and why it ends."""
    tools = {tool.get("name") for tool in request.get("tools") or []}
    done = any(
        isinstance(message.get("content"), list)
        and any(part.get("type") == "tool_result" for part in message["content"])
        for message in request.get("messages") or []
    )
    if done or shell not in tools:
        return [{"type": "text", "text": "All is done."}], "end_turn"
    call = {"command": COMMAND, "description": "Show the settings"}
    return [{"type": "tool_use", "id": "toolu_1", "name": shell, "input": call}], "tool_use"


def anthropic_events(message):
    yield "message_start", {"message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield "content_block_start", {"index": index, "content_block": start}
        yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"delta": delta, "usage": message["usage"]}
    yield "message_stop", {}


def gemini(request):
    """One answer of generateContent."""
    names = {
        function.get("name")
        for tool in request.get("tools") or []
        for function in tool.get("functionDeclarations") or []
    }
    done = any("functionResponse" in part for turn in request.get("contents") or [] for part in turn.get("parts") or [])
    if done or "run_shell_command" not in names:
        part = {"text": "All is done."}
    else:
        part = {"functionCall": {"name": "run_shell_command", "args": {"command": COMMAND}}}
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18},
        "modelVersion": "loopback",
    }


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer("application/json", b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            request = json.loads(body)
        except ValueError:
            request = {}
        path = self.path.split("?")[0]
        if path.endswith("/messages"):
            self.messages(request)
        elif path.endswith(":streamGenerateContent"):
            self.answer("text/event-stream", f"data: {json.dumps(gemini(request))}\r\n\r\n".encode())
        elif path.endswith(":generateContent"):
            self.answer("application/json", json.dumps(gemini(request)).encode())
        elif path.endswith((":countTokens", "/count_tokens")):
            self.answer("application/json", b'{"totalTokens": 11, "input_tokens": 11}')
        else:
            self.answer("application/json", b"{}")

    def messages(self, request):
        content, reason = anthropic(request, "Bash")
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": request.get("model", "loopback"),
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 11, "output_tokens": 7},
        }
        if not request.get("stream"):
            self.answer("application/json", json.dumps(message).encode())
            return
        events = (f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n" for kind, data in anthropic_events(message))
        self.answer("text/event-stream", "".join(events).encode())

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Model).serve_forever()
