#!/usr/bin/env python3
"""Makes the C++ source of the OpenAPI document, as JSON, of openapi.yaml: embed.py openapi.yaml OUTPUT."""

import json
import sys
from pathlib import Path

import yaml

source, output = map(Path, sys.argv[1:])
text = json.dumps(yaml.safe_load(source.read_text(encoding="utf-8")), ensure_ascii=True, separators=(",", ":"))
# Compilers bound the length of one literal, so it is many.
chunks = [text[at:at + 4096] for at in range(0, len(text), 4096)]
literals = "\n".join(f'    R"openapi({chunk})openapi"' for chunk in chunks)
output.write_text(f"""// Made by console/api/embed.py.
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {{

std::string_view openapi_document() {{
    static constexpr std::string_view document =
{literals};
    return document;
}}

}}  // namespace bulkhead::console::http
""", encoding="utf-8")
