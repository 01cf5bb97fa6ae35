"""Reads a Go program, named on the command line, by Go's grammar; fails where it is none."""

import sys

import tree_sitter_go
from tree_sitter import Language, Parser

with open(sys.argv[1], "rb") as file:
    tree = Parser(Language(tree_sitter_go.language())).parse(file.read())
sys.exit("this is no Go program" if tree.root_node.has_error else 0)
