"""What goes wrong between us and a language model, in one line each that names `--no-llm`."""

from __future__ import annotations

from assistant.retrying import retry_after
from indexes.cleaning import clean_line
from indexes.errors import ModelError

WITHOUT = "or go on without a model: --no-llm"
_DETAIL = 120


class TransientModelError(ModelError):
    """Trying again may help; `retry_after_s` is when the server says so."""

    def __init__(self, message: str, remedy: str, retry_after_s: float | None = None) -> None:
        super().__init__(message, remedy)
        self.retry_after_s = retry_after_s


class NotAModelServerError(Exception):
    """The address answers, but with a page for people rather than with a model's answer."""


def explain(error: Exception, *, url: str, model: str) -> ModelError:
    """`error` of the client library as ours. Neither keys nor what was sent appear in it."""
    import httpx
    import openai

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NotAModelServerError):
            return ModelError(
                f"{url} answers with a web page, not as a model server",
                f"check llm.url (it usually ends in /v1), {WITHOUT}",
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, url, model)
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return ModelError(
            f"the model {model} at {url} did not answer in time",
            f"see whether the server is overloaded, {WITHOUT}",
        )
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return ModelError(
            f"no model server answers at {url}", f"start it or check llm.url, {WITHOUT}"
        )
    return ModelError(
        f"the model {model} at {url} gave an answer that cannot be read ({type(error).__name__})",
        f"choose another model, {WITHOUT}",
    )


def _of_status(error: object, url: str, model: str) -> ModelError:
    import openai

    assert isinstance(error, openai.APIStatusError)
    status = error.status_code
    if status in (401, 403):
        return ModelError(
            f"{url} refused the key for {model} (HTTP {status})",
            f"set the right one: paperdesk config set llm.api_key, {WITHOUT}",
        )
    if status == 404:
        return ModelError(
            f"{url} has no model {model} (HTTP 404)",
            f"list what it has: paperdesk doctor; then set llm.model, {WITHOUT}",
        )
    if status == 429:
        return TransientModelError(
            f"{url} is limiting requests (HTTP 429)",
            f"wait a little, {WITHOUT}",
            retry_after(error.response.headers),
        )
    if status >= 500:
        return TransientModelError(
            f"the model server at {url} failed (HTTP {status})",
            f"see its log, {WITHOUT}",
            retry_after(error.response.headers),
        )
    return ModelError(
        f"{url} refused the request to {model} (HTTP {status}{_said(error.body)})",
        f"choose another model, {WITHOUT}",
    )


def _said(body: object) -> str:
    """What the server gave as its reason, shortened."""
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, str) or not message.strip():
        return ""
    text = clean_line(message)
    return f": {text[:_DETAIL]}"
