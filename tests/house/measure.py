"""Prints how big our files and functions are, and whether rooms import each other in a circle."""

import statistics
from collections import defaultdict

from tests.house.source import ROOT, modules


def _percentile(values: list[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def room_imports() -> dict[str, set[str]]:
    """Give which rooms each room imports."""
    graph: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        for target, _, _ in module.imports():
            parts = target.split(".")
            if parts[0] == "casework" and len(parts) > 1 and module.room not in ("", parts[1]):
                graph[module.room].add(parts[1])
    return graph


def biggest_cycle() -> int:
    """Give the number of rooms in the biggest circle of imports, 0 when there is none."""
    graph = room_imports()

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(graph.get(start, ()))
        while todo:
            room = todo.pop()
            if room not in seen:
                seen.add(room)
                todo.extend(graph.get(room, ()))
        return seen

    reach = {room: reachable(room) for room in graph}
    circles = [
        sum(1 for other in reach[room] if room in reach.get(other, set()))
        for room in graph
        if room in reach[room]
    ]
    return max(circles, default=0)


def main() -> None:
    """Print the numbers of house.md section 5 for our own code."""
    files = [module.lines for module in modules() if module.text.strip()]
    functions = [function for module in modules() for function in module.functions()]
    lengths = [function.length for function in functions]
    typed = sum(function.is_typed for function in functions) / len(functions)
    tests = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "tests").rglob("*.py")
    )
    rows = [
        ("files", len(files), statistics.median(files), _percentile(files, 0.95), max(files)),
        (
            "functions",
            len(lengths),
            statistics.median(lengths),
            _percentile(lengths, 0.95),
            max(lengths),
        ),
    ]
    print(f"{'':12}{'count':>8}{'median':>8}{'p95':>8}{'max':>8}   (lines)")
    for name, count, median, p95, biggest in rows:
        print(f"{name:12}{count:>8}{median:>8.0f}{p95:>8}{biggest:>8}")
    print(f"functions with every type written: {typed:.0%}")
    print(f"rooms in the biggest import cycle: {biggest_cycle()}")
    print(f"test lines for each line of the application: {tests / sum(files):.2f}")


if __name__ == "__main__":
    main()
