"""The console script ``oreline``. Everything else is imported inside, so that even a ctrl-C during the
start ends without a traceback."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from cli.commands import oreline
        from cli.errors import prepare

        prepare()
        oreline.main()
    except KeyboardInterrupt:  # while the modules were being loaded
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
