"""A worker that does on command what real workers do by themselves, broken ones included."""


class DoubleWorker:
    """Computes nothing; says what the test wants it to say."""

    def __init__(self):
        self.said, self.told = [], []
        self.exit_code = None
        self.ready = False

    def be_ready(self):
        self.ready = True
        self.said.append({"event": "ready", "device": "CPU"})

    def tell(self, **command):
        if command["do"] == "run":
            assert self.ready, "a job goes to a worker that has asked for one"
            self.ready = False
        self.told.append(command)

    def events(self):
        said, self.said = self.said, []
        return said

    def wait(self):
        return self.exit_code

    def kill(self):
        self.exit_code = -9 if self.exit_code is None else self.exit_code
