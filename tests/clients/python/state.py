"""What has changed in an SQLite file, told by a program that knows nothing of ours.

A line `mark` on standard input remembers every row; a line `diff` prints how the rows differ from those, as a list of
[was it added, its table, the row].
"""

import json
import sqlite3
import sys


def rows(database):
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = set()
    for name in names:
        if not name.startswith("sqlite_"):
            for row in database.execute('SELECT * FROM "%s"' % name):
                found.add((name, repr(row)))
    return found


def main():
    database = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
    marked = set()
    for line in sys.stdin:
        now = rows(database)
        if line.strip() == "mark":
            marked = now
            print("[]", flush=True)
        else:
            gone = [[False, *row] for row in sorted(marked - now)]
            print(json.dumps(gone + [[True, *row] for row in sorted(now - marked)]), flush=True)


main()
