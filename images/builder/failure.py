"""The one way in which a build ends early: said in one line, with what mends it."""


class Failure(Exception):
    def __init__(self, what, mend=""):
        super().__init__(f"{what}; {mend}" if mend else what)
