"""Reads an OpenAPI document from standard input and prints what is wrong with it, one line for each fault."""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

for error in OpenAPIV31SpecValidator(json.load(sys.stdin)).iter_errors():
    print("/".join(str(step) for step in error.absolute_path) or "(document)", error.message.replace("\n", " ")[:300])
