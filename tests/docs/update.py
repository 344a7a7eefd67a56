"""``uv run python -m tests.docs.update`` makes again what the reference shows of the program: the named
fences, the files in docs/reference/examples, the table of codes, the commands.
Read the difference before you commit."""

import re

from tests.docs import (
    blocks_evidence,
    blocks_log,
    blocks_map,
    claims_page,
    cli_page,
    codes_page,
    policies_page,
)
from tests.docs.blocks import BLOCKS, FENCE, PAGES

MAKERS = (blocks_evidence, blocks_log, blocks_map)  # which are in ``BLOCKS`` once they are imported


def filled(text: str) -> str:
    """A page with its named fences made anew."""

    def made(found: re.Match[str]) -> str:
        language, name, _ = found.groups()
        return f"```{language} {name}\n{BLOCKS[name]()}```" if name in BLOCKS else found[0]

    return FENCE.sub(made, text)


def main() -> None:
    """Write whatever differs."""
    for page in PAGES:
        page.write_text(filled(page.read_text("utf-8")), "utf-8")
    codes_page.PAGE.write_text(codes_page.render(codes_page.PAGE.read_text("utf-8")), "utf-8")
    policies_page.PAGE.write_text(policies_page.render(policies_page.PAGE.read_text("utf-8")), "utf-8")
    claims_page.PAGE.write_text(claims_page.render(claims_page.PAGE.read_text("utf-8")), "utf-8")
    cli_page.PAGE.write_text(cli_page.render(cli_page.PAGE.read_text("utf-8")), "utf-8")
    blocks_log.EXAMPLES.mkdir(exist_ok=True)
    for name, data in blocks_log.files().items():
        (blocks_log.EXAMPLES / name).write_bytes(data)


if __name__ == "__main__":
    main()
