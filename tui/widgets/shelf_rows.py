"""The rows of the library: weeks, and the readings of one."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.content import Content

from indexes.papers import ReadingStatus
from ingest.progress import Progress
from tui.labels import STATUS, day, line, state_of, title_of
from tui.shelf import Entry, Group, names_of

_TITLED = 30  # cells from which a week's title is worth its room
_STATE = 11  # cells of `✗ not found`, so that the marks stand in one column


@dataclass(frozen=True)
class WeekRow:
    """A group in the weeks pane: number, date, how many of its papers are read.

    Where there is room its title too; a week with nothing to read stands back.
    """

    group: Group

    @property
    def id(self) -> str:
        return self.group.id

    @property
    def heading(self) -> bool:
        return self.group.heading

    def draw(self, width: int) -> tuple[Content, Content]:
        group = self.group
        if group.heading:
            return Content(line(group.label)), Content("")
        papers = group.papers
        left = Content(line(group.label))
        if group.session:
            left = Content.assemble(f"{line(group.week):<6}", (f"{day(group.date):<6}", "$faint"))
            if group.title and width >= _TITLED:
                left += Content.styled(f"  {line(group.title)}", "$faint")
        elif group.week is not None:
            name = line(group.title) or line(group.week).title()
            return Content.styled(name, "$faint"), Content.styled(day(group.date), "$faint")
        if not papers:
            return left.stylize("$faint"), Content("")
        style = "$success" if group.read == len(papers) else "$faint"
        return left, Content.styled(f"{group.read}/{len(papers)}", style)


@dataclass(frozen=True)
class ReadingRow:
    """A reading: status, title, and on the right its state or what is happening to it."""

    entry: Entry
    steps: dict[str, Progress] = field(hash=False, compare=False)

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def heading(self) -> bool:
        return False

    def step(self) -> Progress | None:
        paper = self.entry.paper
        if paper is None or not self.steps:
            return None
        return next((self.steps[n] for n in names_of(paper) if n in self.steps), None)

    def draw(self, width: int) -> tuple[Content, Content]:  # noqa: ARG002
        paper, reading = self.entry.paper, self.entry.reading
        if paper is None:
            title = line(reading.title or reading.url) if reading else ""
            return Content.styled(f"  {title}", "$faint"), Content.styled(
                f"{'– no link':<{_STATE}}", "$faint"
            )
        status = ReadingStatus(paper.status)
        style = {ReadingStatus.READ: "$success", ReadingStatus.READING: "$accent"}
        left = Content.assemble(
            (f"{STATUS[status]} ", style.get(status, "$faint")), title_of(paper)
        )
        step = self.step()
        said = f"{state_of(paper, step):<{_STATE}}"
        if status is ReadingStatus.READING and paper.last_page and step is None:
            said = f"p. {paper.last_page}  {said}"
        colour = "$accent" if step else "$error" if paper.state == "failed" else "$faint"
        due = Content.styled(f"due {day(paper.due)}  ", "$warning") if paper.due else Content("")
        return left, due + Content.styled(said, colour)

    def holds(self, words: str) -> bool:
        """Whether a filter's words stand in the title, the authors or the id."""
        paper, reading = self.entry.paper, self.entry.reading
        found = [reading.title if reading else None, reading.url if reading else None]
        if paper is not None:
            found += [paper.title, paper.ref, paper.state, *paper.authors]
        haystack = " ".join(filter(None, found)).casefold()
        return all(word in haystack for word in words.casefold().split())
