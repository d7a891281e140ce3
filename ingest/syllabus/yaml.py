"""YAML reading lists to outline: named groups are headings, entries with an address are items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.syllabus.outline import Kind, Line, Outline, Span, lines_of

if TYPE_CHECKING:
    from yaml.nodes import Node

_NAMES = ("title", "name", "paper", "topic", "week", "lecture", "date")
_ADDRESSES = ("url", "link", "href", "arxiv", "arxiv_id", "pdf", "paper_url")
_DEEPEST = 30


def yaml_outline(source: str) -> Outline | None:
    """The outline of a YAML document, None where `source` is not one that holds a list."""
    import yaml

    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if not isinstance(root, (yaml.MappingNode, yaml.SequenceNode)):
        return None
    outline = Outline(title=_own_title(root))
    # An anchor may stand in many places; each node is read once, so that aliases cannot explode.
    _walk(root, 1, outline.elements, set())  # type: ignore[arg-type]
    return outline


def _own_title(root: Node) -> str | None:
    pairs = root.value if isinstance(root.value, list) else []
    named = {
        str(pair[0].value): pair[1].value
        for pair in pairs
        if isinstance(pair, tuple) and isinstance(pair[1].value, str)
    }
    return next((named[name] for name in ("course", "title", "name") if named.get(name)), None)


def _walk(node: Node, depth: int, lines: list[Line], seen: set[int]) -> None:
    from yaml.nodes import MappingNode, SequenceNode

    if id(node) in seen or depth > _DEEPEST:
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for child in node.value:
            _walk(child, depth, lines, seen)
    elif isinstance(node, MappingNode):
        pairs = [(str(k.value).lower(), v) for k, v in node.value if isinstance(k.value, str)]
        plain = {k: str(v.value) for k, v in pairs if not isinstance(v.value, list)}
        number = node.start_mark.line + 1
        address = next((plain[k] for k in _ADDRESSES if plain.get(k)), None)
        name = next((plain[k] for k in _NAMES if plain.get(k)), "")
        if address is not None:
            lines.extend(lines_of(_spans(name, address), Kind.ITEM, 1, number))
        elif name:
            lines.extend(lines_of([Span(name)], Kind.HEADING, min(depth + 1, 6), number))
        for key, child in pairs:
            if not isinstance(child.value, list):
                continue
            if not name and address is None:
                heading = [Span(key.replace("_", " "))]
                lines.extend(
                    lines_of(heading, Kind.HEADING, min(depth + 1, 6), child.start_mark.line + 1)
                )
            _walk(child, depth + 1, lines, seen)
    else:
        lines.extend(lines_of([Span(str(node.value))], Kind.ITEM, 1, node.start_mark.line + 1))


def _spans(name: str, address: str) -> list[Span]:
    bare_id = address[:4].isdecimal() and "://" not in address
    url = f"https://arxiv.org/abs/{address}" if bare_id else address
    return [Span(name or url, url)]
