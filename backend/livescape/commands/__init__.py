"""The subcommands of ``livescape``, one file each."""
