"""Everything that a database keeps of one account, one row a line, read from the SQLite file and not from the program.

A row is the account's when it says so in a column `partner_id`, when a row of the account points to it or it to one by
a foreign key, or when it is the account's own. A table of which none of that can be said must be named here.
"""

import json
import sqlite3
import sys

# Of all accounts together, or of none.
SHARED = {"store_meta", "heartbeat", "node_key", "schema_migration", "sqlite_sequence"}
# Counts of wrong passwords for an address that anybody may try; no account owns them.
ADDRESSES = {"login_failure"}


def columns(database, table):
    return [row[1] for row in database.execute('PRAGMA table_info("%s")' % table)]


def main():
    path, partner = sys.argv[1], int(sys.argv[2])
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    # Shadow tables of a search index hold copies of what stands in the tables themselves.
    virtual = [
        row[0]
        for row in database.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    ]
    tables = [name for name in names if not any(name.startswith(other + "_") or name == other for other in virtual)]
    found = {"partner": {partner}}
    rows = {}
    for table in tables:
        have = columns(database, table)
        if table == "partner":
            rows[table] = list(database.execute("SELECT * FROM partner WHERE id = ?", (partner,)))
        elif "partner_id" in have:
            rows[table] = list(database.execute('SELECT * FROM "%s" WHERE partner_id = ?' % table, (partner,)))
    # What belongs to rows of the account, or what they belong to.
    for table in tables:
        if table in rows or table in SHARED or table in ADDRESSES:
            continue
        wanted = []
        for link in database.execute('PRAGMA foreign_key_list("%s")' % table):
            to, column, other = link[2], link[3], link[4] or "id"
            if to in rows and to != "partner":
                wanted.append('"%s" IN (SELECT "%s" FROM "%s" WHERE partner_id = :p)' % (column, other, to))
        for source in rows:
            for link in database.execute('PRAGMA foreign_key_list("%s")' % source):
                if link[2] == table and source != "partner":
                    column, other = link[3], link[4] or "id"
                    wanted.append('"%s" IN (SELECT "%s" FROM "%s" WHERE partner_id = :p)' % (other, column, source))
        if not wanted:
            sys.exit("the export does not know whose rows the table %s has" % table)
        query = 'SELECT * FROM "%s" WHERE %s' % (table, " OR ".join(wanted))
        rows[table] = list(database.execute(query, {"p": partner}))

    def shown(value):
        return "0x" + value.hex() if isinstance(value, bytes) else value

    for table in sorted(rows):
        have = columns(database, table)
        lines = [json.dumps([table, dict(zip(have, map(shown, row)))], sort_keys=True) for row in rows[table]]
        for line in sorted(lines):
            print(line)


main()
