"""A program that is told one command a line, and answers each with one line of JSON."""
import json
import subprocess


class LineProcess:
    def __init__(self, *command):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, *words):
        """Of a command that answers nothing."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")

    def ask(self, *words):
        self.tell(*words)
        self.process.stdin.flush()
        return self.answer(" ".join(map(str, words)))

    def answer(self, to="its start"):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.command)} ended at '{to}' with {self.process.wait()}")
        return json.loads(line)

    def end(self):
        """May be called again."""
        self.process.stdin.close()
        self.process.wait(60)
